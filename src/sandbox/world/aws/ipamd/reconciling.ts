import type { Interface } from '../interfaces.ts'
import type { IpamdDeps } from './growth.ts'
import { forget, type Pool, rangesOn, recall } from './pool.ts'

/**
 * ipamd compares the interfaces of its data store with those that the instance metadata names. One that the metadata lacks it takes for
 * detached: it is forgotten with the addresses of its pods, and EC2 is not asked. One that it names again comes back.
 * What ipamd writes into its log, if anything. Source: `nodeIPPoolReconcile` in pkg/ipamd/ipamd.go and `RemoveENIFromDataStore` in
 * pkg/ipamd/datastore/data_store.go of amazon-vpc-cni-k8s.
 * @param isStale whether the metadata lacks one of the interfaces; that it is the one with the most pods is an assumption
 */
export function reconcile(deps: IpamdDeps, pool: Pool, isStale: boolean): string | undefined {
  if (!isStale) {
    for (const owner of [...pool.forgotten.keys()]) recall(pool, owner)
    return undefined
  }
  const lacking = pool.forgotten.size > 0 ? undefined : busiest(deps, pool)
  if (lacking === undefined) return undefined
  const pods = forget(pool, lacking)
  if (pods === 0) return undefined
  const { interfaces, addresses } = pool.forcedOut
  pool.forcedOut = { interfaces: interfaces + 1, addresses: addresses + pods }
  return `Force removing eni ${lacking.id} with ${pods} assigned pods`
}

/** The primary interface is always named. */
function busiest({ interfaces }: IpamdDeps, pool: Pool): Interface | undefined {
  const podsOn = (each: Interface) => rangesOn(pool, each).reduce((sum, { assigned }) => sum + assigned, 0)
  const others = interfaces.ofInstance(pool.instance.id).filter(({ deviceIndex, type }) => deviceIndex > 0 && type === 'interface')
  return others.toSorted((a, b) => podsOn(b) - podsOn(a))[0]
}
