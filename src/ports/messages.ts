/** Sends a notification. Throws SerinError; a failed notification never fails a run. */
export interface Messages {
  post(url: string, payload: unknown): Promise<void>
}
