/** YAML as a tree in which every value knows where it stands, so that a mistake can be named by file, line and column. */

export type Path = readonly (string | number)[]

export interface Place {
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly column: number
}

export type ScalarValue = string | number | boolean | null

export interface LocatedScalar {
  readonly kind: 'scalar'
  readonly place: Place
  readonly value: ScalarValue
  /** As written, without quotes: `1.30` where the value is 1.3. */
  readonly source: string
  /** A mistake about it has been reported already; what follows from it is not worth a line. */
  readonly faulty?: true
}

interface LocatedList {
  readonly kind: 'list'
  readonly place: Place
  readonly items: readonly Located[]
}

export interface LocatedEntry {
  readonly keyPlace: Place
  readonly value: Located
}

export interface LocatedMap {
  readonly kind: 'map'
  readonly place: Place
  readonly entries: ReadonlyMap<string, LocatedEntry>
}

export type Located = LocatedScalar | LocatedList | LocatedMap

/** The value as plain data; keys become own properties, `__proto__` too. */
export function plainOf(node: Located): unknown {
  if (node.kind === 'scalar') return node.value
  if (node.kind === 'list') return node.items.map(plainOf)
  return Object.fromEntries([...node.entries].map(([key, entry]) => [key, plainOf(entry.value)]))
}

/** The node at a path, or undefined when nothing stands there. */
export function nodeAt(root: Located, path: Path): Located | undefined {
  return path.reduce<Located | undefined>((node, part) => node && childOf(node, part), root)
}

/** Where people look for the value at a path: a scalar where it stands, a map or list at its key. Else the nearest ancestor. */
export function placeOf(root: Located, path: Path): Place {
  for (let length = path.length; length > 0; length--) {
    const part = path.slice(0, length)
    const node = nodeAt(root, part)
    if (node) return node.kind === 'scalar' ? node.place : (entryAt(root, part)?.keyPlace ?? node.place)
  }
  return root.place
}

/** Where the key of the last part of a path stands, or its value when it has no key. */
export function keyPlaceOf(root: Located, path: Path): Place {
  return entryAt(root, path)?.keyPlace ?? placeOf(root, path)
}

function entryAt(root: Located, path: Path): LocatedEntry | undefined {
  const parent = nodeAt(root, path.slice(0, -1))
  return parent?.kind === 'map' ? parent.entries.get(String(path.at(-1))) : undefined
}

function childOf(node: Located, part: string | number): Located | undefined {
  if (node.kind === 'list') return node.items[Number(part)]
  return node.kind === 'map' ? node.entries.get(String(part))?.value : undefined
}
