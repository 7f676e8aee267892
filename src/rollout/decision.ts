import type { Outcome, RunEvent } from '../journal/event.ts'
import type { Command } from '../model/command.ts'
import type { Instant } from '../model/instant.ts'

/** What next. The engine's loop does exactly this and nothing else. */
export type Decision =
  /** Facts that follow from what was just seen. */
  | { readonly kind: 'record'; readonly events: readonly RunEvent[] }
  /** Already intended and journalled; make it so. */
  | { readonly kind: 'perform'; readonly commands: readonly Command[] }
  /** Look harder before going on: pre-flight again, a plain read past all caches, or what a failure comes from. */
  | { readonly kind: 'inspect'; readonly what: 'preflight' | 'plain-read' | 'diagnosis'; readonly because: string }
  | { readonly kind: 'wait'; readonly until: Instant; readonly because: string }
  /** Open: a person decides. */
  | { readonly kind: 'hold'; readonly because: string; readonly resumeWith: string; readonly exit: 'held' | 'deadline' | 'interrupted' }
  | { readonly kind: 'finished'; readonly outcome: Outcome }
