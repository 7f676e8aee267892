import { DAY, type Instant, iso } from '../../model/instant.ts'
import { supportEnds } from '../knowledge/kubernetes-lifetimes.ts'
import type { CheckDefinition, CheckFinding, CheckInput } from './definition.ts'
import { foundOr } from './reading/verdicts.ts'

/** Long enough to plan, test and do the next upgrade. */
const AHEAD = 60 * DAY

/** EKS does not upgrade the control plane by itself while this run and its soak go on, nor soon after. */
export const supportDates: CheckDefinition = {
  code: 'SUPPORT_DATES',
  title: 'EKS will not upgrade the control plane by itself within 60 days',
  severity: 'warn',
  waivable: true,
  needs: ['eks:DescribeCluster'],
  prevents:
    'A control plane that EKS moves by itself, at an hour of its choosing, in the middle of a run or before the nodes can follow: after the end of support it may do so on any day.',
  remedy: 'Plan the next control-plane upgrade before that day: `aws eks describe-cluster-versions`.',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html',
  evaluate: (input) => {
    const { snapshot, plan, now } = input
    const version = snapshot.aws.cluster?.version
    const ends = supportEnds(version)
    const subject = `Cluster/${plan.cluster.name}`
    if (ends === undefined) {
      const message = `When support of Kubernetes ${version ?? '(not said)'} ends is not known to this version of Serin.`
      return [{ verdict: 'unknown', subject, message, remedy: `See \`aws eks describe-cluster-versions --cluster-versions ${version}\`.` }]
    }
    const standard = snapshot.aws.cluster?.upgradePolicy?.supportType === 'STANDARD'
    const end = standard ? ends.standard : ends.extended
    const dates = `Kubernetes ${version}: standard support until ${day(ends.standard)}, extended until ${day(ends.extended)}; EKS upgrades by itself after ${day(end)}`
    return foundOr(end - now > AHEAD ? [] : [soon(input, end, dates, standard)], plan, `${dates}.`)
  },
}

function soon({ plan, now }: CheckInput, end: Instant, dates: string, standard: boolean): CheckFinding {
  const name = plan.cluster.name
  const message = end <= now ? `${dates}: that is any day now.` : `${dates}, in ${Math.ceil((end - now) / DAY)} days.`
  const remedy = standard
    ? `Upgrade before that day, or buy time: \`aws eks update-cluster-config --name ${name} --upgrade-policy supportType=EXTENDED\`.`
    : `Upgrade the control plane before that day: \`aws eks update-cluster-version --name ${name} --kubernetes-version NEXT\`.`
  return { verdict: 'warn', subject: `Cluster/${name}`, message, remedy }
}

const day = (instant: Instant) => iso(instant).slice(0, 10)
