import type { FindingVerdict } from '../model/finding.ts'
import type { Verdict } from '../model/verdict.ts'

/** How text is to look. Passed in: renderers look at no terminal and no environment. */
export interface Style {
  readonly colour: boolean
  /** False: every mark is ASCII. */
  readonly unicode: boolean
  /** Width of a line in columns. */
  readonly columns: number
}

export const PLAIN: Style = { colour: false, unicode: true, columns: 80 }

const COLOURS = { red: 31, green: 32, yellow: 33, cyan: 36, dim: 2, bold: 1 } as const
export type Colour = keyof typeof COLOURS

/** Text in a colour, or as it is when colours are off. Meaning is never carried by the colour alone. */
export function paint(style: Style, colour: Colour, text: string): string {
  return style.colour && text !== '' ? `\u001b[${COLOURS[colour]}m${text}\u001b[0m` : text
}

/** A glyph and a word for each thing that can be said, so that neither colour nor font is needed to read it. */
interface Mark {
  readonly glyph: string
  readonly ascii: string
  readonly word: string
  readonly colour: Colour
}

const MARKS = {
  pass: { glyph: '✓', ascii: '+', word: 'pass', colour: 'green' },
  warn: { glyph: '▲', ascii: '!', word: 'warn', colour: 'yellow' },
  block: { glyph: '✗', ascii: 'x', word: 'block', colour: 'red' },
  fail: { glyph: '✗', ascii: 'x', word: 'fail', colour: 'red' },
  pending: { glyph: '…', ascii: '.', word: 'pending', colour: 'cyan' },
  unknown: { glyph: '?', ascii: '?', word: 'unknown', colour: 'yellow' },
  waived: { glyph: '○', ascii: 'o', word: 'waived', colour: 'dim' },
} as const satisfies Record<Verdict | FindingVerdict | 'waived', Mark>

export type MarkName = keyof typeof MARKS

export function glyph(style: Style, name: MarkName): string {
  const mark = MARKS[name]
  return paint(style, mark.colour, style.unicode ? mark.glyph : mark.ascii)
}

/** `✓ pass`, padded to the width of the longest word when asked. */
export function mark(style: Style, name: MarkName, padded = false): string {
  const { glyph: sign, ascii, word, colour } = MARKS[name]
  return paint(style, colour, `${style.unicode ? sign : ascii} ${padded ? word.padEnd('pending'.length) : word}`)
}

/** `→`, or `->` in ASCII. */
export function arrow(style: Style): string {
  return style.unicode ? '→' : '->'
}

/** A finished text as the terminal can show it: titles and messages bring arrows of their own. */
export function spelled(style: Style, text: string): string {
  return style.unicode ? text : text.replaceAll('→', '->').replaceAll('…', '...')
}

export function bold(style: Style, text: string): string {
  return paint(style, 'bold', text)
}

export function dim(style: Style, text: string): string {
  return paint(style, 'dim', text)
}
