import type { ReplaceStep } from '../../../model/itinerary.ts'
import type { MemberFacts } from '../../../model/seen.ts'
import type { Progress } from '../definition.ts'

/** An instance refresh replaces nodes its own way, whoever began it. */
export function othersAtWork({ group, autoScalingGroup }: Pick<ReplaceStep, 'group' | 'autoScalingGroup'>, status: string): Progress {
  const says = `an instance refresh is ${status}: it replaces nodes without cordon, eviction or budget`
  return atWork(`${group}: ${says}. Serin does nothing to the group meanwhile`, [{ subject: `AutoScalingGroup/${autoScalingGroup}`, says }])
}

/** Instances that are not of the target and not in service: those coming up are waited for, those that somebody set aside are his to put back or end. */
export function notInService({ group, autoScalingGroup }: ReplaceStep, waiting: readonly MemberFacts[]): Progress {
  const aside = waiting.filter(({ lifecycle }) => lifecycle.endsWith('Standby')).map(({ instanceId }) => instanceId)
  if (aside.length === 0) {
    const names = waiting.map(({ instanceId, lifecycle }) => `${instanceId} (${lifecycle})`).join(', ')
    return {
      kind: 'in-progress',
      because: `${group}: ${names} came up from what it launched before, and has to be in service to be replaced`,
    }
  }
  const back = `aws autoscaling exit-standby --auto-scaling-group-name ${autoScalingGroup} --instance-ids ${aside.join(' ')}`
  return atWork(
    `${group}: all nodes in service are replaced, but ${aside.join(', ')} was set aside in Standby and is still as it was. Put it back in service (${back}) or terminate it`,
    aside.map((instanceId) => ({ subject: `Instance/${instanceId}`, says: 'Standby' })),
  )
}

function atWork(message: string, evidence: readonly { readonly subject: string; readonly says: string }[]): Progress {
  return { kind: 'failed', failure: { cause: 'others-at-work', message, evidence, nodes: [] } }
}
