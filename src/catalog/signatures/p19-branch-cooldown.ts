import { aboutPod, byPerson, matched, type Signature, says } from './definition.ts'

/** The controller lets the address of a branch cool for a minute unless told otherwise. */
const DEFAULT = 60

/** Addresses of branch interfaces come back to other pods before the nodes have forgotten the first. */
export const branchCooldown: Signature = {
  code: 'P19',
  title: 'Addresses of branch interfaces come back too soon: names resolve by turns',
  source: 'https://github.com/aws/amazon-vpc-resource-controller-k8s/blob/master/docs/sgp/sgp_config_options.md',
  needs: ['kubernetes:pods', 'kubernetes:configmaps/amazon-vpc-cni'],
  match({ branchCooldown: cooldown, guarded, failedSoon, ranWell }) {
    if (cooldown === undefined || cooldown >= DEFAULT) return undefined
    const failing = failedSoon.filter(({ asksForBranch }) => asksForBranch)
    if (failing.length === 0) return { rejected: `the cool-down is ${cooldown} s, and no pod with a branch interface fails` }
    const again = failing.filter(({ pod }) => guarded.some((other) => other.pod !== pod && other.pod.status?.podIP === pod.status?.podIP))
    const well = ranWell.filter(({ asksForBranch }) => asksForBranch)
    return matched({
      pods: failing,
      evidence: [
        says(2, 'ConfigMap/kube-system/amazon-vpc-cni', `branch-eni-cooldown is ${cooldown} s, by default ${DEFAULT} s`),
        ...failing
          .slice(0, 5)
          .map((pod) => says(1, aboutPod(pod), 'has a branch interface and ended with exit 1 within a minute of its start')),
        ...again.slice(0, 3).map((pod) => says(2, aboutPod(pod), `its address ${pod.pod.status?.podIP} was another pod's before`)),
        ...(well.length === 0 ? [] : [says(1, aboutPod(well[0] as never), `${well.length} pods with branch interfaces did well`)]),
      ],
    })
  },
  remedy: () =>
    byPerson(
      'Let addresses cool for a minute again.',
      'kubectl -n kube-system patch configmap amazon-vpc-cni --type=merge -p \'{"data":{"branch-eni-cooldown":"60"}}\'',
    ),
}
