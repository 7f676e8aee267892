/** An append-only journal of one run. */
export interface JournalFile {
  /** Lines of whole records, in order. A torn last line is left out and reported by `torn`. */
  read(): Promise<{ readonly lines: readonly string[]; readonly torn: boolean }>
  /** Appends lines durably (fsync) before it resolves; a torn tail is cut off first. */
  append(lines: readonly string[]): Promise<void>
}

/** Where runs live on this machine. */
export interface RunFolder {
  /** Newest first. */
  runs(): Promise<readonly string[]>
  journal(run: string): JournalFile
  writeItinerary(run: string, text: string): Promise<void>
  readItinerary(run: string): Promise<string | undefined>
}
