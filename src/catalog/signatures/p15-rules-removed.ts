import { formatDuration } from '../../model/instant.ts'
import { byPerson, matched, type Signature, says } from './definition.ts'
import { sharesInterface } from './p17-forgotten-interface.ts'
import { cutOff, cutOffEvidence } from './unreachable.ts'

/** nm-cloud-setup of the image removes the rules of pods minutes after they were made. */
export const rulesRemoved: Signature = {
  code: 'P15',
  title: 'Pods were reached for minutes and then no more: something on the host removes their rules',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/docs/troubleshooting.md',
  needs: ['kubernetes:pods', 'kubernetes:events'],
  collect: ({ nodes }) => [
    `Extra route tables are its mark: \`ip rule; ip route show table 30200\` on ${nodes[0]?.name}; \`systemctl status nm-cloud-setup.timer\`.`,
  ],
  match(facts) {
    const cut = cutOff(facts)
    if (cut === undefined || cut.forAWhile.length <= cut.never.length) return undefined
    const lasted = cut.forAWhile.map(({ wasReadyFor = 0 }) => wasReadyFor)
    const alike = Math.max(...lasted) - Math.min(...lasted) < 2 * 60_000
    return matched({
      nodes: cut.nodes,
      pods: cut.forAWhile,
      evidence: [
        ...cutOffEvidence(cut.forAWhile, 2, 'were reached at first and are no more'),
        ...(alike ? [says(2, 'Cluster', `each about ${formatDuration(lasted[0] ?? 0)} after its start`)] : []),
        ...cut.elsewhere,
      ],
      against: sharesInterface(facts, cut) ? [says(3, 'Cluster', 'only pods of one interface of each node are cut off')] : [],
    })
  },
  remedy: () =>
    byPerson(
      'Turn nm-cloud-setup off in the image and roll the group: `systemctl disable --now nm-cloud-setup.timer nm-cloud-setup.service`.',
    ),
}
