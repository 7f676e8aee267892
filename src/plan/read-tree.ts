import { type Located, nodeAt, type Path } from './located.ts'

/** The items of the list at a path; none when it is something else. */
export function itemsAt(root: Located, path: Path): readonly Located[] {
  const node = nodeAt(root, path)
  return node?.kind === 'list' ? node.items : []
}

/** The text at a path, or undefined when it is something else or has been reported as faulty. */
export function textAt(root: Located, path: Path): string | undefined {
  const node = nodeAt(root, path)
  return node?.kind === 'scalar' && typeof node.value === 'string' && !node.faulty ? node.value : undefined
}

/** The texts of the list at a path, each with its own path. */
export function textsAt(root: Located, path: Path): readonly { readonly path: Path; readonly text: string }[] {
  return itemsAt(root, path).flatMap((_, index) => {
    const text = textAt(root, [...path, index])
    return text === undefined ? [] : [{ path: [...path, index], text }]
  })
}
