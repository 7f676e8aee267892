import type { FailureCause } from '../model/failure.ts'

/**
 * The cause decides the answer, not the gate that noticed it. `back` takes back as the plan's rollback policy says;
 * `hold` leaves the run open for a person; `stop` ends it where nothing had changed.
 */
export interface Answer {
  readonly cause: FailureCause
  /** What was seen, in words. */
  readonly seen: string
  readonly answer: 'hold' | 'back' | 'stop-or-hold'
  /** Leftovers are removed before the answer takes effect. */
  readonly tidy: boolean
  readonly why: string
  /** What the person is asked to do. */
  readonly person: string
}

export const ANSWERS: readonly Answer[] = [
  {
    cause: 'eviction-blocked',
    seen: 'Eviction blocked by a PodDisruptionBudget (PodEvictionFailure, 429)',
    answer: 'hold',
    tidy: true,
    why: 'Going back would drain the new nodes against the same budget.',
    person:
      'Make the named budgets allow a disruption (more healthy replicas, or another minAvailable), then `serin resume`: it sends the same target again.',
  },
  {
    cause: 'no-capacity',
    seen: 'No capacity, quota, or addresses for new nodes',
    answer: 'hold',
    tidy: true,
    why: 'EKS has waited within its own budget. Going back needs the same capacity.',
    person: 'Free addresses or capacity as the evidence says, then `serin resume`.',
  },
  {
    cause: 'throttled',
    seen: 'An API throttles beyond the budget, although the pace was lowered',
    answer: 'hold',
    tidy: false,
    why: 'More calls make it worse.',
    person: 'Find what else calls the API in this account and Region, then `serin resume`.',
  },
  {
    cause: 'control-fails-too',
    seen: 'Untouched nodes fail as the new ones do (registry, DNS, zone or Region trouble)',
    answer: 'hold',
    tidy: false,
    why: 'What was changed is not what broke.',
    person: 'Mend the trouble that all nodes have, then `serin resume`.',
  },
  {
    cause: 'nodes-never-join',
    seen: 'New nodes never join, and EKS has gone back by itself (NodeCreationFailure)',
    answer: 'back',
    tidy: true,
    why: 'The new image or template does not work here.',
    person:
      'New instances are gone with the way back: start one by hand from the same image or template, and look at it (`aws ec2 get-console-output --instance-id ID`); then change the plan.',
  },
  {
    cause: 'addon-refused',
    seen: 'The add-on update was refused before anything rolled',
    answer: 'stop-or-hold',
    tidy: false,
    why: 'On the first hop nothing has changed; on a later one the cluster stands on the last proven hop.',
    person: 'Settle the conflict that the message names (resolveConflicts, admission, permissions), then run again.',
  },
  {
    cause: 'update-refused',
    seen: 'EKS refused the call',
    answer: 'hold',
    tidy: false,
    why: 'The request is not valid for this cluster as it is; nothing of this step has moved.',
    person: 'Read the message, mend its cause, then `serin resume`, or `serin rollback`.',
  },
  {
    cause: 'update-failed',
    seen: 'EKS ended the update as failed for another reason',
    answer: 'hold',
    tidy: true,
    why: 'The reason is not one that going back is known to cure.',
    person: 'Read the errors, then `serin resume` or `serin rollback`.',
  },
  {
    cause: 'update-overdue',
    seen: 'An update is still in progress at its time-out',
    answer: 'hold',
    tidy: false,
    why: 'It cannot be cancelled, and a second call gets 409.',
    person: 'Watch it with `serin status`; `serin resume` goes on when it has ended.',
  },
  {
    cause: 'addon-fails',
    seen: 'aws-node fails on updated nodes, not on others',
    answer: 'back',
    tidy: true,
    why: 'The new add-on version is the difference.',
    person: 'Read the evidence; choose another version.',
  },
  {
    cause: 'control-plane-fails',
    seen: 'Nodes or workloads that were well are not, under the new control plane',
    answer: 'back',
    tidy: false,
    why: 'The control plane is what changed, and with the nodes left behind its way back is one call. It has no untouched part to compare with, so only `rollback.controlPlane: automatic` goes back by itself; otherwise a person decides.',
    person: 'Look at what the evidence names; `serin rollback` takes the control plane back within 7 days, `serin resume` judges it again.',
  },
  {
    cause: 'networking-fails',
    seen: 'Networking fails on new nodes, not on untouched ones',
    answer: 'back',
    tidy: true,
    why: 'What was changed is the difference.',
    person: 'Read the evidence per node, and what pre-flight warned of; then change image, template or add-on version in the plan.',
  },
  {
    cause: 'workloads-fail',
    seen: 'Workloads of replaced nodes do not come back, others do',
    answer: 'back',
    tidy: true,
    why: 'What was changed is the difference.',
    person: 'Read which workloads are short of replicas and why; then change the plan.',
  },
  {
    cause: 'nodes-cordoned',
    seen: 'Pods get no address on new nodes because somebody cordoned them (P09)',
    answer: 'hold',
    tidy: false,
    why: 'ipamd takes no address on a cordoned node, whatever version runs there: what was changed did not fail, and going back would launch nodes that are cordoned too. A cordon of a person is not undone.',
    person:
      'Uncordon the named nodes, or find what cordons new ones (to keep pods away use a taint of your own), then `serin resume`. What an update or a dead run left cordoned, `serin remediate PLAN --yes` uncordons.',
  },
  {
    cause: 'others-at-work',
    seen: 'Somebody else is at work on the same nodes: an instance refresh of the Auto Scaling group, or instances set aside in Standby',
    answer: 'hold',
    tidy: true,
    why: "Two of them would take away more nodes than either may, and a refresh asks no budget; what is in Standby is somebody's to put back.",
    person:
      'Wait until the refresh has ended, or `aws autoscaling cancel-instance-refresh --auto-scaling-group-name NAME`; put back what is in Standby, or terminate it; then `serin resume`.',
  },
  {
    cause: 'evidence-missing',
    seen: 'Evidence missing beyond its budget',
    answer: 'hold',
    tidy: false,
    why: 'An unknown is neither a pass nor a fail.',
    person: 'Restore the access or the API that the message names, then `serin resume`.',
  },
  {
    cause: 'way-back-refused',
    seen: 'EKS refused the way back',
    answer: 'hold',
    tidy: true,
    why: 'What can go back goes back; the rest is listed with the commands to finish by hand.',
    person: 'Follow the listed commands.',
  },
  {
    cause: 'asked',
    seen: 'A person asked for the rollback',
    answer: 'back',
    tidy: true,
    why: 'A person decided.',
    person: 'Nothing.',
  },
]

const BY_CAUSE = new Map(ANSWERS.map((answer) => [answer.cause, answer]))

/** The answer to a cause. @throws Error (a defect) when the table has no row for it. */
export function answerTo(cause: FailureCause): Answer {
  const answer = BY_CAUSE.get(cause)
  if (answer === undefined) throw new Error(`no answer for the cause ${cause}`)
  return answer
}
