import type { AwsHandlers, Timeline } from '../../contract.ts'
import { type Input, textOf, textsOf } from './answers.ts'
import { createOnce, type Once } from './ec2/client-tokens.ts'
import { imageHandlers } from './ec2/image-api.ts'
import { instanceHandlers } from './ec2/instance-api.ts'
import { instanceTypeHandlers } from './ec2/instance-type-api.ts'
import { type InterfaceApiDeps, interfaceHandlers } from './ec2/interface-api.ts'
import { type SubnetDeps, subnetHandlers } from './ec2/subnet-api.ts'
import { templateHandlers } from './ec2/template-api.ts'
import { vpcHandlers } from './ec2/vpc-api.ts'
import type { Images } from './images.ts'
import type { InstanceTypes } from './instance-types.ts'
import type { Instance, Instances } from './instances.ts'
import { copyTemplate, findTemplate, type LaunchTemplates, type Template } from './launch-templates.ts'
import { answeredFrom, type Replicas } from './replicas.ts'
import type { RequestBuckets } from './request-buckets.ts'

export interface Ec2Deps extends SubnetDeps, InterfaceApiDeps {
  readonly clusterName: string
  readonly timeline: Timeline
  readonly instances: Instances
  readonly templates: LaunchTemplates
  readonly images: Images
  readonly types: InstanceTypes
  readonly buckets: RequestBuckets
  readonly replicas: Replicas
  readonly isImpaired: (instance: Instance) => boolean
  /** Whether an AMI does not exist any more. */
  readonly isGone: (imageId: string) => boolean
  /** Tags of an instance: cluster and node group. */
  readonly instanceTags: (instance: Instance) => Readonly<Record<string, string>>
}

/** What all of them share: each mutating operation once for its token. */
export interface Ec2Api extends Ec2Deps {
  readonly once: Once
}

/** The EC2 operations, in SDK shapes. */
export function ec2Handlers(account: Ec2Deps): AwsHandlers {
  const deps: Ec2Api = { ...account, once: createOnce() }
  const { replicas, instances, templates } = account
  const shownInstances = replicas.of<Instance>({
    service: 'ec2',
    kind: 'instance',
    all: () => instances.all(),
    idOf: ({ id }) => id,
    copy: (instance) => ({ ...instance }),
  })
  const shownTemplates = replicas.of<Template>({
    service: 'ec2',
    kind: 'launch-template',
    all: () => templates.all(),
    idOf: ({ id }) => id,
    copy: copyTemplate,
  })
  const shown: Ec2Api = {
    ...deps,
    instances: { ...instances, all: shownInstances.all, get: shownInstances.get },
    templates: {
      ...templates,
      all: shownTemplates.all,
      get: shownTemplates.get,
      find: (reference) => findTemplate(shownTemplates.all(), reference),
    },
  }
  const named = (input: Input) => templates.all().flatMap(({ id, name }) => (isNamed(input, id, name) ? [id] : []))
  return {
    ...subnetHandlers(deps),
    ...shownInstances.heardLater(answeredFrom(shown, deps, instanceHandlers), (input) => textsOf(input, 'InstanceIds')),
    ...instanceTypeHandlers(deps.types),
    ...interfaceHandlers(deps),
    ...shownTemplates.heardLater(answeredFrom(shown, deps, templateHandlers), named),
    ...vpcHandlers(deps),
    ...imageHandlers(deps),
  }
}

function isNamed(input: Input, id: string, name: string): boolean {
  return textOf(input, 'LaunchTemplateId') === id || textOf(input, 'LaunchTemplateName') === name
}
