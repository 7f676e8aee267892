/** Who follows ipamd on all nodes. */
export interface IpamdObserver {
  /** It answers. */
  readonly serves: (node: string) => void
  /** It wrote a line into its log. */
  readonly read?: (node: string, line: string) => void
}
