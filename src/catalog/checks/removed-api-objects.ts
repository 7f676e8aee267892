import type { KubernetesObject } from '../../model/kubernetes.ts'
import { objectsOf } from '../../model/snapshot.ts'
import { goingApis, isServed, REMOVED_APIS, type RemovedApi } from '../knowledge/removed-apis.ts'
import type { CheckDefinition, CheckFinding, CheckInput } from './definition.ts'
import { newestMinor } from './reading/control-plane.ts'
import { foundOr } from './reading/verdicts.ts'
import { count, names } from './reading/wording.ts'
import { type Writer, writersIn } from './reading/writers.ts'

/**
 * Which objects are still written in an API version that a coming minor does not serve. It never blocks by itself: that somebody wrote
 * so once is no proof that he would today. Who asked in the last 30 days stands in the insights, which do.
 */
export const removedApiObjects: CheckDefinition = {
  code: 'REMOVED_API_OBJECTS',
  title: 'No object is still written in an API version that a coming minor does not serve',
  severity: 'warn',
  waivable: true,
  needs: [...new Set(REMOVED_APIS.map(({ plural }) => `kubernetes:${plural}`))],
  prevents:
    'Releases that fail after the next control plane: the objects live on, but the chart or manifest behind them names an API version that is gone, and its next apply is refused. Insights know only who asked in the last 30 days.',
  remedy: 'Write the manifest in the newer version and apply it: `kubectl convert -f FILE --output-version VERSION | kubectl apply -f -`.',
  source: 'https://kubernetes.io/docs/reference/using-api/deprecation-guide/',
  evaluate: (input) => {
    const going = goingApis(input.intent.clusterMinor)
    const found = going.flatMap((api) => judge(api, input))
    return foundOr(
      found,
      input.plan,
      `${count(going.length, 'API version')} served by ${input.intent.clusterMinor} will go; no object is written in one.`,
    )
  },
}

interface Written {
  readonly object: KubernetesObject
  readonly writers: readonly Writer[]
}

function judge(api: RemovedApi, { snapshot, intent }: CheckInput): readonly CheckFinding[] {
  const { apiVersion, kind, plural, removedIn, replacement } = api
  const written = objectsOf(snapshot, kind)
    .map((object) => ({ object, writers: writersIn(object, api) }))
    .filter(({ writers }) => writers.length > 0)
  const [first] = written
  if (first === undefined) return []
  const { name, namespace } = first.object.metadata
  const where = namespace === undefined ? '' : `-n ${namespace} `
  const last = newestMinor({ intent })
  const when = isServed(api, last) ? `This run leaves the control plane at ${last}` : `This run takes the control plane to ${last}`
  return [
    {
      verdict: 'warn',
      subject: `API/${apiVersion}/${kind}`,
      message:
        `${count(written.length, kind)} still written as ${apiVersion}, gone with Kubernetes ${removedIn}: ${names(written.map(tell), 3)}. ` +
        `Objects stay, but whoever writes one in that version from then on is refused. ${when}.`,
      remedy:
        `Write the manifest or chart as ${replacement} and apply it before the control plane goes to ${removedIn}: ` +
        `\`kubectl convert -f FILE --output-version ${replacement}\`. Who writes it: ` +
        `\`kubectl ${where}get ${plural} ${name} -o yaml --show-managed-fields\`.`,
    },
  ]
}

function tell({ object: { metadata }, writers }: Written): string {
  const name = metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`
  return `${name} (by ${names(
    writers.map(({ manager, time }) => (time === undefined ? manager : `${manager}, last ${time.slice(0, 10)}`)),
    2,
  )})`
}
