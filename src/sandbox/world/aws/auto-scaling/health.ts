import { SECOND } from '../../../../model/instant.ts'
import { isCounted, type Member, type ScalingGroup } from './group.ts'
import { end } from './members.ts'
import { atTime, type Scaling } from './scaling.ts'

/** What ails an instance, in the words that causes of activities use (Auto Scaling user guide, "health checks"). */
export const AILMENTS = {
  ended: 'an EC2 health check indicating it has been terminated or stopped',
  statusChecks: 'an EC2 instance status checks failure',
  user: 'a user health-check',
} as const

/** Marks a member unhealthy; the group replaces it soon, unless the processes for that are suspended. */
export function markUnhealthy(scaling: Scaling, group: ScalingGroup, member: Member, ailment: string): void {
  if (!isCounted(member) || member.health === 'Unhealthy') return
  member.health = 'Unhealthy'
  member.ailment = ailment
  scaling.reconcileSoon(group, '')
}

/** EC2's own checks, which the process HealthCheck makes: an instance that was stopped or terminated by somebody else is unhealthy. */
export function checkHealth(scaling: Scaling, group: ScalingGroup): void {
  if (group.suspended.has('HealthCheck')) return
  for (const member of group.members.values()) {
    const { state } = member.instance
    if (state !== 'running' && state !== 'pending') markUnhealthy(scaling, group, member, AILMENTS.ended)
  }
}

/** Ends what is unhealthy; the difference to the desired capacity brings the replacement. */
export function replaceUnhealthy(scaling: Scaling, group: ScalingGroup): void {
  if (group.suspended.has('ReplaceUnhealthy') || group.suspended.has('Terminate')) return
  const at = atTime(scaling.timeline.now())
  for (const member of [...group.members.values()]) {
    if (!isCounted(member) || member.health !== 'Unhealthy') continue
    end(scaling, group, member, `${at} an instance was taken out of service in response to ${member.ailment ?? AILMENTS.user}.`)
  }
}

/** Whether health checks still look away: the grace period since the instance came into service. */
export function inGrace(scaling: Scaling, group: ScalingGroup, { inServiceAt }: Member): boolean {
  return inServiceAt !== undefined && scaling.timeline.now() < inServiceAt + group.settings.healthCheckGracePeriod * SECOND
}
