import { MINUTE } from '../../model/instant.ts'
import { aboutPod, automatic, matched, type Signature, says } from './definition.ts'
import { nodesOf } from './reading.ts'

/** The plugin's binary on the host is of another version than ipamd. */
export const pluginVersion: Signature = {
  code: 'P11',
  title: 'The plugin on the host is of another version than ipamd, which wants exactly its own',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/pull/1139',
  needs: ['kubernetes:pods', 'kubernetes:events'],
  match({ stuck, now }) {
    const refused = stuck.filter(({ says: text }) => /wrong client version "v[^"]+" \(!= "v[^"]+"\)/.test(text))
    const lasting = refused.filter(({ node }) => now - (node?.awsNode?.createdAt ?? 0) > 2 * MINUTE)
    if (refused.length > 0 && lasting.length === 0)
      return { rejected: 'aws-node was replaced less than two minutes ago: the binary follows' }
    return matched({
      nodes: nodesOf(lasting),
      pods: lasting,
      evidence: lasting.map((pod) => says(4, aboutPod(pod), pod.says.replace(/^.*add cmd: /, ''))),
    })
  },
  remedy: () =>
    automatic(
      'Put new nodes in the place of these; if it comes back, see who else writes /opt/cni/bin (a read-only path, another installer, HOST_CNI_BIN_PATH).',
      'rotate-nodes',
      'serin remediate PLAN',
    ),
}
