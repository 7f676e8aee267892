import { parseAddonVersion } from '../../model/addon-version.ts'
import { cniAccess, cniDefinitions } from '../knowledge/cni-access.ts'
import type { CheckDefinition, CheckFinding, CheckInput } from './definition.ts'
import { addonOf, CNI, isNoAddon, versionsToStart } from './reading/addons.ts'
import { awsNodeVariable } from './reading/pool-settings.ts'
import { foundOr } from './reading/verdicts.ts'
import { names } from './reading/wording.ts'

/** What the API server lets aws-node do, and the kinds that it watches. */
export const cniKubernetesAccess: CheckDefinition = {
  code: 'CNI_ACCESS',
  title: 'aws-node may do in the cluster what its version needs, and the kinds that it watches exist',
  severity: 'block',
  waivable: true,
  needs: ['eks:ListAddons', 'kubernetes:subjectaccessreviews', 'kubernetes:customresourcedefinitions'],
  notApplicable,
  prevents:
    'aws-node that hangs at its next start with nothing in its log: it waits without limit for kinds that it may not list, as after an update of the image alone.',
  remedy:
    'Apply the ClusterRole of the version that runs: `kubectl apply -f https://raw.githubusercontent.com/aws/amazon-vpc-cni-k8s/TAG/config/master/aws-k8s-cni.yaml`.',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/issues/2218',
  evaluate: (input) => foundOr([...verbsLacking(input), ...kindsLacking(input)], input.plan, 'aws-node may do what it needs.'),
}

/** The update of an add-on brings its own ClusterRole, so what only later versions need is not asked for now. */
function verbsLacking({ snapshot }: CheckInput): readonly CheckFinding[] {
  const installed = addonOf(snapshot, CNI)?.addonVersion
  const version = parseAddonVersion(installed)
  if (version === undefined) return []
  const reviews = snapshot.kubernetes.awsNodeReviews ?? []
  const lacking = cniAccess(version, (variable) => awsNodeVariable(snapshot, variable) === 'true').filter(
    (access) =>
      reviews.find((each) => each.verb === access.verb && each.group === access.group && each.resource === access.resource)?.allowed !==
      true,
  )
  if (lacking.length === 0) return []
  const [first] = lacking
  return [
    {
      verdict: 'block',
      subject: 'ClusterRole/aws-node',
      message: `aws-node may not ${names(
        lacking.map(({ verb, resource }) => `${verb} ${resource}`),
        8,
      )}, which ${CNI} ${installed} needs: the pods that run were started before, those to come would hang.`,
      remedy: `See \`kubectl auth can-i ${first?.verb} ${first?.resource}${first?.group ? `.${first.group}` : ''} --as system:serviceaccount:kube-system:aws-node\`, and apply the ClusterRole of ${installed}.`,
    },
  ]
}

/** Of the kinds only `eniconfigs` comes with the add-on; the others EKS keeps itself. */
function kindsLacking(input: CheckInput): readonly CheckFinding[] {
  const { snapshot, intent } = input
  const moves = intent.addons.some(({ name, hops }) => name === CNI && hops.length > 0)
  const needed = versionsToStart(input).flatMap((text) => {
    const version = parseAddonVersion(text)
    return version === undefined ? [] : cniDefinitions(version)
  })
  const known = snapshot.kubernetes.definitions ?? []
  const lacking = [...new Set(needed)].filter((name) => !known.includes(name) && !(moves && name.startsWith('eniconfigs.')))
  return lacking.map((name) => ({
    verdict: 'block',
    subject: `CustomResourceDefinition/${name}`,
    message: `There is no kind ${name}, which ${CNI} ${versionsToStart(input).join(', ')} watches: aws-node would wait for it at its start.`,
    remedy: `See \`kubectl get crd ${name}\`; EKS restores its own when the add-on is updated or the cluster's platform version moves.`,
  }))
}

function notApplicable(input: CheckInput): string | undefined {
  if (isNoAddon(input.snapshot, CNI)) return 'aws-node is no EKS add-on here.'
  return versionsToStart(input).length === 0 ? 'aws-node starts nowhere anew in this run.' : undefined
}
