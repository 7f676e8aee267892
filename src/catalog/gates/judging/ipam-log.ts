import { type Instant, instantOf, SECOND } from '../../../model/instant.ts'
import type { NodeFacts } from '../../../model/seen.ts'

/**
 * Lines of the aws-node container's log. Its entrypoint prints `Checking for IPAM connectivity...`, polls for ever, and prints
 * `Copying config file...` and `Successfully copied CNI plugin binary and config file.` only once ipamd answers
 * (https://github.com/aws/amazon-vpc-cni-k8s, cmd/aws-vpc-cni/main.go).
 */
const PROOF = /Copying config file|Successfully copied CNI plugin binary/
const CHECKING = /Checking for IPAM connectivity/

/** What a log says about ipamd since an instant. */
export type LogSays =
  | { readonly kind: 'connected' }
  /** The last line is the check; `at` when the line itself tells when. */
  | { readonly kind: 'checking'; readonly at?: Instant }
  | { readonly kind: 'nothing' }

/** @param since start of the container; lines that carry an earlier time belong to its predecessor */
export function readIpamLog(text: string, since: Instant | undefined): LogSays {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && isOf(line, since))
  if (lines.some((line) => PROOF.test(line))) return { kind: 'connected' }
  const last = lines.at(-1)
  return last !== undefined && CHECKING.test(last) ? { kind: 'checking', at: timeOf(last) } : { kind: 'nothing' }
}

/** Kubernetes gives starts in whole seconds, so a line of the same second is of this start. */
function isOf(line: string, since: Instant | undefined): boolean {
  const at = timeOf(line)
  return since === undefined || at === undefined || at > since - SECOND
}

/** The time in a line: `"ts":"…"` of JSON logs, `time="…"`, or at its beginning. */
function timeOf(line: string): Instant | undefined {
  const found = /"ts":\s*"([^"]+)"|time="([^"]+)"|^(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d))/.exec(line)
  return instantOf(found?.[1] ?? found?.[2] ?? found?.[3])
}

/**
 * Whether nothing but the log can still prove that ipamd of this start answers: no pod got an address since, and the log, where
 * it was read, did not say so. What it has once said holds for as long as the container runs.
 */
export function onlyLogCanProve({ awsNode, lastAddressAt }: NodeFacts): boolean {
  const startedAt = awsNode?.containers.find((container) => container.name === 'aws-node')?.startedAt
  if (startedAt === undefined || (lastAddressAt !== undefined && lastAddressAt >= startedAt)) return false
  const log = awsNode?.log
  const isNew = log !== undefined && 'text' in log && log.readAt >= startedAt
  return !isNew || readIpamLog(log.text, startedAt).kind !== 'connected'
}
