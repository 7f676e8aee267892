import { printable } from './layout.ts'

/** GitHub refuses comments over 65,536 characters; a little is left for what a pipeline writes around it. */
export const COMMENT_LIMIT = 65_000

/** A text of a foreign system made safe inside Markdown: no tables broken, no HTML, no mentions. */
export function plain(text: string): string {
  return printable(text)
    .replace(/[\\`*_[\]<>|#]/g, '\\$&')
    .replace(/@/g, '@\u200b')
    .replace(/\s*\n\s*/g, ' ')
}

export function code(text: string): string {
  return `\`${printable(text)
    .replace(/`/g, "'")
    .replace(/\|/g, '\\|')
    .replace(/\s*\n\s*/g, ' ')}\``
}

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** A part that is folded until somebody opens it; the summary is HTML. */
export function folded(summary: string, body: string): string {
  return `<details><summary>${summary}</summary>\n\n${body}\n\n</details>`
}

/**
 * Parts joined so that the whole fits a comment: parts that no longer fit are left out, in order, and the text says so.
 * The first part always stays: the verdict comes first.
 */
export function fitted(parts: readonly string[], rest: string, limit = COMMENT_LIMIT): string {
  const note = `\n\n_Cut to fit a comment; ${rest}_\n`
  let text = (parts[0] ?? '').slice(0, limit - note.length)
  let cut = text.length < (parts[0] ?? '').length
  for (const part of parts.slice(1)) {
    if (text.length + 2 + part.length + note.length > limit) cut = true
    else text += `\n\n${part}`
  }
  return cut ? text + note : `${text}\n`
}

/** A text of a foreign system made safe inside HTML. */
export function html(text: string): string {
  return printable(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')
}
