import type { Pod } from '../../../model/kubernetes.ts'

/** What a pod asks for when it is to have a branch interface with security groups of its own. */
export const BRANCH_RESOURCE = 'vpc.amazonaws.com/pod-eni'

/** Whether a pod gets a branch interface instead of an address of its node's pool. */
export function hasBranch({ spec }: Pod): boolean {
  return (spec?.containers ?? []).some(
    ({ resources }) => resources?.limits?.[BRANCH_RESOURCE] !== undefined || resources?.requests?.[BRANCH_RESOURCE] !== undefined,
  )
}

/** Whether a pod is there and not finished. */
export function isAlive({ status }: Pod): boolean {
  return status?.phase !== 'Succeeded' && status?.phase !== 'Failed'
}
