import type { JournalEntry } from '../journal/event.ts'
import type { Action } from '../model/command.ts'
import { type Instant, iso, type Millis } from '../model/instant.ts'
import type { Itinerary } from '../model/itinerary.ts'
import type { Seen } from '../model/seen.ts'
import type { RunState } from '../rollout/state.ts'
import { count, listed, printable } from './layout.ts'
import type { Level } from './message.ts'
import { heartbeatLine } from './progress.ts'
import { dim, glyph, type Style, spelled } from './style.ts'
import { createTeller, type Teller } from './teller.ts'
import type { View } from './view.ts'

export interface LinesOptions {
  readonly itinerary: Itinerary
  /** The journal so far, when an open run is gone on with. */
  readonly before?: readonly JournalEntry[]
  readonly style: Style
  readonly write: (text: string) => void
  /** A line is printed at least this often: some pipelines kill a job that is silent for about ten minutes. */
  readonly heartbeat: Millis
  /** Also what is only of interest when something is wrong with Serin. */
  readonly verbose?: boolean
}

/** Plain lines for pipelines and logs: one per event, and a heartbeat in between. Nothing is ever overwritten. */
export function linesView(options: LinesOptions): View {
  const teller = createTeller(options.itinerary, options.before)
  const print = printer(options)
  const gathered = gatherer(teller)
  const flush = () => {
    for (const { at, text } of gathered.take()) print.line(at, `  ${printable(text)}`)
  }
  return {
    onEvent(entry) {
      if (!gathered.fits(entry)) flush()
      const message = teller.tell(entry)
      if (gathered.add(entry) || (message.level === 'debug' && !options.verbose)) return
      print.line(entry.at, `${signOf(entry, message.level, options.style)} ${printable(message.text)}`)
    },
    onTick(seen: Seen, state: RunState | undefined, waitingFor?: string) {
      flush()
      if (print.isDue(seen.now)) print.line(seen.now, `  ${printable(heartbeatLine(options.itinerary, seen, state, waitingFor))}`)
    },
    close: () => {
      flush()
      return Promise.resolve()
    },
  }
}

/** Writes lines with their time, a line for each new day, and knows when it has been silent for too long. */
function printer({ write, style, heartbeat }: LinesOptions) {
  let last: Instant | undefined
  let day = ''
  return {
    isDue(now: Instant): boolean {
      last ??= now
      return now - last >= heartbeat
    },
    line(at: Instant, text: string): void {
      last = at
      const today = iso(at).slice(0, 10)
      if (day !== '' && today !== day) write(dim(style, `-- ${today} --\n`))
      day = today
      write(spelled(style, `${dim(style, iso(at).slice(11, 19))} ${text}\n`))
    },
  }
}

const ON_NODES: Partial<Record<Action['kind'], string>> = {
  cordon: 'cordon',
  'retire-node': 'take out of service',
  uncordon: 'uncordon',
  'exclude-from-balancers': 'take out of load balancers',
  'annotate-node': 'annotate',
  'label-node': 'label',
  'evict-pod': 'evict pods from',
  'delete-pod': 'delete pods on',
  'include-in-balancers': 'take back into load balancers',
  'taint-node': 'taint',
  'avoid-node': 'set preferences for',
  'remove-taint': 'remove the taint from',
}

/** The same done to many nodes of a step at once is one line. */
function gatherer({ names }: Pick<Teller, 'names'>) {
  let open: { readonly at: Instant; readonly step: string; readonly nodes: Map<string, string[]> } | undefined
  const onNode = ({ event }: JournalEntry) =>
    event.type === 'command-intended' && 'node' in event.command.action && event.command.action.node !== undefined
      ? { ...event.command, node: event.command.action.node }
      : undefined
  return {
    fits: (entry: JournalEntry) => open !== undefined && onNode(entry)?.step === open.step,
    add(entry: JournalEntry): boolean {
      const command = onNode(entry)
      const verb = command && ON_NODES[command.action.kind]
      if (command === undefined || verb === undefined) return false
      open ??= { at: entry.at, step: command.step, nodes: new Map() }
      open.nodes.set(verb, [...new Set([...(open.nodes.get(verb) ?? []), command.node])])
      return true
    },
    take(): readonly { readonly at: Instant; readonly text: string }[] {
      const { at, step, nodes } = open ?? { at: 0, step: '', nodes: new Map<string, string[]>() }
      open = undefined
      return [...nodes].map(([verb, list]) => ({
        at,
        text: `${names.batchOf(step)}: ${verb} ${count(list.length, 'node')} (${listed(list)}).`,
      }))
    },
  }
}

function signOf(entry: JournalEntry, level: Level, style: Style): string {
  if (level === 'error') return glyph(style, 'fail')
  if (level === 'warn') return glyph(style, 'warn')
  const { event } = entry
  const good = event.type === 'batch-passed' || event.type === 'run-finished' || event.type === 'step-done'
  const passes = event.type === 'gate-judged' && event.judgement.verdict === 'pass'
  return good || passes ? glyph(style, 'pass') : ' '
}
