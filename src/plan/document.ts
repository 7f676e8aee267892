import { type Document, isAlias, isCollection, isMap, isScalar, Lexer, LineCounter, parseDocument, visit, type YAMLError } from 'yaml'
import type { PlanProblem } from '../model/plan.ts'
import type { Located, Place } from './located.ts'
import { problemAt } from './problem.ts'
import { locateTree } from './tree.ts'

/** A YAML file as a located tree, with every mistake of the YAML itself. No tree when it cannot be trusted. */
export interface PlanDocument {
  readonly root?: Located
  readonly problems: readonly PlanProblem[]
}

/** A plan is a page or two; a megabyte is an accident or an attack. */
const MOST_CHARACTERS = 1_048_576
/** The large shipped plan has about a thousand. Bounds the time the parser can take. */
const MOST_TOKENS = 100_000

/**
 * Reads one YAML file in bounded time and memory: size, tokens, depth and alias expansion are limited.
 * Never throws for any text.
 */
export function readDocument(file: string, text: string): PlanDocument {
  const refused = refuse(file, text)
  if (refused) return { problems: [refused] }
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false })
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { file, line: Math.max(1, line), column: Math.max(1, col) }
  }
  const syntax = [...document.errors, ...document.warnings].map((error) => syntaxProblem(document, error, placeAt))
  if (syntax.length > 0) return { problems: firstPerPlace(syntax) }
  const tree = locateTree(document.contents, placeAt)
  return tree.problems.length > 0 ? { problems: tree.problems } : { root: tree.root, problems: [] }
}

/** One slip in YAML often gives several errors at one place. */
function firstPerPlace(problems: readonly PlanProblem[]): readonly PlanProblem[] {
  const places = new Map<string, PlanProblem>()
  for (const problem of problems) {
    const place = `${problem.line}:${problem.column}`
    if (!places.has(place)) places.set(place, problem)
  }
  return [...places.values()]
}

function refuse(file: string, text: string): PlanProblem | undefined {
  const start = { file, line: 1, column: 1 }
  if (text.length > MOST_CHARACTERS)
    return problemAt(start, [], 'The file is larger than 1 MiB', 'A plan is a page or two; check the path.')
  const junk = firstJunk(text)
  if (junk !== undefined) {
    const message = 'The file is not text in UTF-8'
    return problemAt(placeIn(file, text, junk), [], message, 'Save it as UTF-8; control characters do not belong in a plan.')
  }
  if (text.trim() === '')
    return problemAt(start, [], 'The file is empty', 'Start with `apiVersion: serin.dev/v1alpha1`; `serin init` writes a plan.')
  if (hasTooManyTokens(text)) {
    return problemAt(start, [], `The file has more than ${MOST_TOKENS} YAML tokens`, 'A plan is a page or two; check the path.')
  }
  return undefined
}

/** The offset of a replacement character (bytes that were not UTF-8) or of a control character other than tab and line ends. */
function firstJunk(text: string): number | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  const found = /[\uFFFD\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/.exec(text)
  return found?.index
}

function placeIn(file: string, text: string, offset: number): Place {
  const before = text.slice(0, offset).split('\n')
  return { file, line: before.length, column: (before.at(-1) ?? '').length + 1 }
}

function hasTooManyTokens(text: string): boolean {
  let count = 0
  for (const _token of new Lexer().lex(text)) if (++count > MOST_TOKENS) return true
  return false
}

const SYNTAX: Readonly<Record<string, readonly [message: string, remedy: string]>> = {
  TAB_AS_INDENT: ['A tab stands where YAML wants spaces', 'Indent with spaces.'],
  MULTIPLE_DOCS: ['A second document begins here', 'One plan per file: split the file at `---`.'],
  RESOURCE_EXHAUSTION: ['The YAML is nested too deeply', 'A plan is never nested more than a few levels.'],
  TAG_RESOLVE_FAILED: ['YAML tags (`!name`) are not used in plans', 'Remove the tag.'],
}

function syntaxProblem(document: Document, error: YAMLError, placeAt: (offset: number) => Place): PlanProblem {
  if (error.code === 'MISSING_CHAR' && error.message.includes('quote')) {
    return problemAt(placeAt(openQuoteBefore(document, error.pos[0])), [], 'This quote is never closed', 'Close it on the same line.')
  }
  const [message, remedy] = SYNTAX[error.code] ?? [
    `Not valid YAML: ${firstLine(error.message)}`,
    'Check indentation, quotes and brackets here.',
  ]
  return problemAt(placeAt(error.pos[0]), [], message, remedy)
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').replace(/[.:]$/, '')
}

/** The parser reports an open quote where the file ends; people look for where it began. */
function openQuoteBefore(document: Document, offset: number): number {
  let start = offset
  visit(document, (_key, node) => {
    if (isAlias(node) || isCollection(node) || isMap(node) || !isScalar(node)) return undefined
    const quoted = node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE'
    if (quoted && node.range && node.range[0] < offset && node.range[1] >= offset - 1) start = node.range[0]
    return undefined
  })
  return start
}
