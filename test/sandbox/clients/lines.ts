/** A command as somebody would type it, and what it has to print. */
export interface Line {
  readonly run: string
  /** Each has to be in what it prints, standard output and error together. */
  readonly prints?: readonly (RegExp | string)[]
  /** All that it prints, ages masked and columns closed up. */
  readonly exactly?: string
  readonly hides?: RegExp
  /** The exit code; 0 unless said. `failure` is any other: the two lines of AWS CLI differ in theirs. */
  readonly code?: number | 'failure'
}

/** Lines that are typed one after the other. Stories run side by side: no two change the same thing. */
export interface Story {
  readonly title: string
  readonly lines: readonly Line[]
}

/** Ages as `AGE`, runs of spaces as one. */
export function masked(text: string): string {
  return text
    .replace(/(?<=\s)(\d+[smhd]){1,2}(?=\s|$)/gm, 'AGE')
    .replace(/[ \t]+/g, ' ')
    .replace(/ $/gm, '')
    .trim()
}
