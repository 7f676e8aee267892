import { about, byPerson, matched, type Signature, says } from './definition.ts'
import { atSubjects, commonScope, isBetween, isHanging, logEvidence } from './reading.ts'

/** Families that came after v1.20.1, whose network cards its table does not have. */
const NEW_FAMILIES = /^(m8i|c8i|r8i|i8g|i8ge)(-flex)?\./

/** ipamd panics on an instance type without network cards in its table. */
export const networkCardPanic: Signature = {
  code: 'F11',
  title: 'ipamd panics on an instance type whose network cards this version does not know',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/issues/3431',
  explains: ['F01', 'F19', 'P10', 'P20'],
  needs: ['kubernetes:nodes', 'kubernetes:pods'],
  match({ hung, serving, cni }) {
    const logged = logEvidence(hung, /index out of range \[0\] with length 0|markUnmanagedNetworkCards/)
    // A panic goes to the container's log: where that was read and has none, there was none.
    const suspects = hung.filter(
      (node) =>
        isHanging(node) &&
        NEW_FAMILIES.test(node.instanceType ?? '') &&
        isBetween(cni.version, '1.20.0', '1.20.1') &&
        (node.awsNode?.log('aws-node') ?? '').trim() === '',
    )
    const type = commonScope(hung, serving, 'instanceType')
    return matched({
      nodes: [...new Set([...atSubjects(hung, logged), ...suspects])],
      evidence: [
        ...logged,
        ...suspects.map((node) => says(2, about(node), `${node.instanceType} came after vpc-cni ${cni.version}`)),
        ...(type !== undefined && (logged.length > 0 || suspects.length > 0)
          ? [says(1, 'Cluster', `only nodes of type ${type} fail`)]
          : []),
      ],
    })
  },
  remedy: () =>
    byPerson(
      'Go to vpc-cni v1.20.2 or later, or take the group back to its former instance type.',
      'serin plan PLAN   # with vpc-cni at v1.20.2 or later',
    ),
}
