/** Members that a JSON text names twice in one object, as paths: `JSON.parse` keeps the last and says nothing. */
export function duplicateMembers(text: string): readonly string[] {
  const found: string[] = []
  const open: Level[] = []
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]/g)) step(open, token, found)
  return found
}

interface Level {
  /** Members seen of an object; undefined for a list. */
  readonly names: Set<string> | undefined
  /** Where we are in it: a member's name or an index. */
  at: string
  index: number
  awaitsName: boolean
}

function step(open: Level[], token: string, found: string[]): void {
  const level = open.at(-1)
  if (token === '{') open.push({ names: new Set(), at: '', index: 0, awaitsName: true })
  else if (token === '[') open.push({ names: undefined, at: '[0]', index: 0, awaitsName: false })
  else if (token === '}' || token === ']') open.pop()
  else if (level !== undefined) within(open, level, token, found)
}

function within(open: readonly Level[], level: Level, token: string, found: string[]): void {
  if (token === ',') {
    level.awaitsName = level.names !== undefined
    if (level.names === undefined) level.at = `[${++level.index}]`
    return
  }
  if (token === ':' || !level.awaitsName || level.names === undefined) return
  level.at = JSON.parse(token)
  level.awaitsName = false
  if (level.names.has(level.at)) found.push(pathOf(open))
  level.names.add(level.at)
}

function pathOf(open: readonly Level[]): string {
  return open
    .map(({ at }) => (at.startsWith('[') ? at : `.${at}`))
    .join('')
    .replace(/^\./, '')
}
