import type { ObjectStore, StoredObject } from '../../contract.ts'
import { defineFault } from './fault.ts'

export const evictionBlocked = defineFault({
  name: 'eviction-blocked',
  title: 'budgets come to allow no disruption, as if somebody had edited them, and are put back at the end',
  source: 'https://kubernetes.io/docs/concepts/workloads/pods/disruptions/',
  needs: ['budget'],
  begin({ store, matches }) {
    const nameOf = ({ metadata }: StoredObject) => `${metadata.namespace}/${metadata.name}`
    const met = store.list('PodDisruptionBudget').filter((budget) => matches({ budget: nameOf(budget) }))
    for (const budget of met) changeSpec(store, budget, { minAvailable: '100%' })
    return () => {
      for (const budget of met) changeSpec(store, budget, boundsOf(budget))
    }
  },
})

function boundsOf(budget: StoredObject): Record<string, unknown> {
  const { minAvailable, maxUnavailable } = (budget.spec ?? {}) as Record<string, unknown>
  return minAvailable === undefined ? { maxUnavailable } : { minAvailable }
}

function changeSpec(store: ObjectStore, { metadata }: StoredObject, bounds: Record<string, unknown>): void {
  if (store.get('PodDisruptionBudget', metadata.namespace, metadata.name) === undefined) return
  store.update('PodDisruptionBudget', metadata.namespace, metadata.name, (current) => {
    const { minAvailable: _least, maxUnavailable: _most, ...rest } = (current.spec ?? {}) as Record<string, unknown>
    return { ...current, spec: { ...rest, ...bounds } }
  })
}
