import type { Addon } from './addons.ts'
import type { NodeGroup } from './node-groups.ts'
import type { Replica, Replicas } from './replicas.ts'
import type { Update, Updates } from './updates.ts'

/** Node groups, add-ons and lists of updates as readers are shown them. */
export interface ShownEks {
  readonly groups: Replica<NodeGroup>
  readonly addons: Replica<Addon>
  readonly updates: Replica<Update>
}

/** What readers are shown of what requests change. Waiters of AWS's own clients take a new group or add-on for granted, and so it is found at once. */
export function shownEks(
  { replicas, addons }: { readonly replicas: Replicas; readonly addons: ReadonlyMap<string, Addon> },
  groups: ReadonlyMap<string, NodeGroup>,
  updates: Updates,
): ShownEks {
  const service = 'eks'
  return {
    groups: replicas.of<NodeGroup>({
      service,
      kind: 'nodegroup',
      all: () => [...groups.values()].filter(({ spec }) => spec.form !== 'self-managed'),
      idOf: ({ spec }) => spec.name,
      copy: (group) => ({ ...group, settings: { ...group.settings } }),
      newIsFound: true,
    }),
    addons: replicas.of<Addon>({
      service,
      kind: 'addon',
      all: () => [...addons.values()],
      idOf: ({ name }) => name,
      copy: (addon) => ({ ...addon }),
      newIsFound: true,
    }),
    updates: replicas.of<Update>({
      service,
      kind: 'update',
      all: () => updates.all(),
      idOf: ({ subject, id }) => `${subject} ${id}`,
      copy: (update) => update,
    }),
  }
}
