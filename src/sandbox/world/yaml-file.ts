import { LineCounter, type ParsedNode, parseDocument } from 'yaml'
import type { z } from 'zod'

/**
 * Reads a YAML text against a strict schema.
 * Throws Error whose message lists every problem as `NAME:LINE:COLUMN: path: what is wrong`.
 */
export function readYaml<S extends z.ZodType>(name: string, text: string, schema: S): z.output<S> {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true })
  const [broken] = document.errors
  if (broken !== undefined) throw new Error(`${name}:${position(lines, broken.pos[0])}: ${broken.message}`)
  const result = schema.safeParse(document.toJS({ maxAliasCount: 100 }))
  if (result.success) return result.data
  const problems = result.error.issues.map(({ path, message }) => {
    const at = nodeAt(document, path)?.range?.[0] ?? 0
    return `${name}:${position(lines, at)}: ${path.map(String).join('.') || 'document'}: ${message}`
  })
  throw new Error(problems.join('\n'))
}

function position(lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset)
  return `${line}:${col}`
}

/** The node a problem is about, or the nearest one above it. */
function nodeAt(document: ReturnType<typeof parseDocument>, path: readonly PropertyKey[]): ParsedNode | undefined {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true)
    if (typeof node === 'object' && node !== null) return node as ParsedNode
  }
  return undefined
}
