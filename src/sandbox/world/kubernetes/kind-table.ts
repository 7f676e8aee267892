import type { StoredObject } from '../../contract.ts'

/** All objects of one kind, listed by namespace, then by name. */
export interface KindTable {
  get(namespace: string | undefined, name: string): StoredObject | undefined
  put(object: StoredObject): void
  remove(object: StoredObject): void
  list(): readonly StoredObject[]
}

/** Those of one namespace. No key is made of both names: every change looks objects up several times. */
interface Section {
  readonly objects: Map<string, StoredObject>
  readonly added: Set<string>
  names: readonly string[]
  listed: readonly StoredObject[] | undefined
}

/** Puts its names in order when it is listed: far more objects come and go than lists are asked for. */
export function createKindTable(): KindTable {
  const sections = new Map<string, Section>()
  let listed: readonly StoredObject[] | undefined
  return {
    get: (namespace, name) => sections.get(namespace ?? '')?.objects.get(name),
    put(object) {
      const { namespace = '', name } = object.metadata
      const section = sections.get(namespace) ?? { objects: new Map(), added: new Set(), names: [], listed: undefined }
      sections.set(namespace, section)
      if (!section.objects.has(name)) section.added.add(name)
      section.objects.set(name, object)
      section.listed = undefined
      listed = undefined
    },
    remove({ metadata: { namespace = '', name } }) {
      const section = sections.get(namespace)
      if (!section?.objects.delete(name)) return
      section.listed = undefined
      listed = undefined
    },
    list() {
      listed ??= [...sections.keys()].sort().flatMap((namespace) => listOf(sections.get(namespace)))
      return listed
    },
  }
}

function listOf(section: Section | undefined): readonly StoredObject[] {
  if (section === undefined) return []
  const { objects, added } = section
  if (section.listed !== undefined) return section.listed
  if (added.size > 0 || section.names.length !== objects.size) section.names = merged(section.names, added, objects)
  added.clear()
  section.listed = section.names.map((name) => objects.get(name) as StoredObject)
  return section.listed
}

/** Sorted names with those added since, less those that are gone. A name that went and came back is in both. */
function merged(sorted: readonly string[], added: ReadonlySet<string>, objects: ReadonlyMap<string, StoredObject>): readonly string[] {
  const fresh = [...added].filter((name) => objects.has(name)).sort()
  const result: string[] = []
  let at = 0
  for (const name of sorted) {
    if (added.has(name) || !objects.has(name)) continue
    for (let next = fresh[at]; next !== undefined && next < name; next = fresh[++at]) result.push(next)
    result.push(name)
  }
  return [...result, ...fresh.slice(at)]
}
