import { stripVTControlCharacters } from 'node:util'

/** Breaks a text at spaces into lines of at most `width` columns; a longer word stays whole. */
export function wrap(text: string, width: number): readonly string[] {
  return text.split('\n').flatMap((line) => wrapLine(line, width))
}

function wrapLine(line: string, width: number): string[] {
  const lines: string[] = []
  let current = ''
  for (const word of line.split(' ')) {
    const longer = current === '' ? word : `${current} ${word}`
    if (displayWidth(longer) > width && current !== '') {
      lines.push(current)
      current = word
    } else current = longer
  }
  return [...lines, current]
}

/** A text wrapped behind a label: the label stands before the first line, the others are indented as far. */
export function hanging(label: string, text: string, columns: number): readonly string[] {
  const width = displayWidth(label)
  const lines = wrap(text, Math.max(20, columns - width))
  return lines.map((line, index) => `${index === 0 ? label : ' '.repeat(width)}${line}`.trimEnd())
}

/** Columns a text takes on a terminal, escape sequences not counted. */
function displayWidth(text: string): number {
  return stripVTControlCharacters(text).length
}

function padTo(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)))
}

/** Rows in columns as wide as their widest cell, two spaces apart; the last column is not padded. */
export function columnsOf(rows: readonly (readonly string[])[]): readonly string[] {
  const width = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from({ length: width }, (_, index) => Math.max(0, ...rows.map((row) => displayWidth(row[index] ?? ''))))
  return rows.map((row) =>
    row
      .map((cell, index) => (index === row.length - 1 ? cell : padTo(cell, widths[index] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}

/** `1 node`, `3 nodes`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : noun.endsWith('ch') ? 'es' : 's'}`
}

/** `a, b, c and 4 more`. */
export function listed(names: readonly string[], most = 5): string {
  if (names.length <= most) return names.join(', ')
  return `${names.slice(0, most).join(', ')} and ${names.length - most} more`
}

/** Text made safe to stand in a terminal: control characters of foreign answers do not reach it. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: taking them out is the purpose
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '�')
}
