import { applyItinerary } from '../../engine/apply.ts'
import { EXIT } from '../../errors/catalogue.ts'
import type { RunPorts } from '../../ports/ports.ts'
import { command, type Session } from '../command.ts'
import { capture, connect, targetOfItinerary } from '../connection.ts'
import { isItineraryFile, loadItineraryFile, loadPlanFile } from '../documents.ts'
import { driveToRest, heartbeatOf } from '../driving.ts'
import { OUTPUT_ALIAS, optionalText, outputFlag, switchFlag, text } from '../flags.ts'
import { runFolderOf, usage } from '../io.ts'
import { type Planned, planAgain, planOn, refuseWhileOpen } from '../planning.ts'
import { printFindings, printPlan, stoppedByPreflight } from '../printing.ts'
import { RUN_FORMS, type RunForm } from '../views.ts'

interface Flags {
  readonly yes: boolean
  readonly until?: string
  readonly output: RunForm
}

export const apply = command<Flags, [file: string]>({
  text: {
    brief: 'Run a plan or a saved itinerary on the cluster',
    description:
      'Plans, shows, asks, and runs: pre-flight, add-ons hop by hop, the canary, gates, soak, waves in batches; when a gate fails it goes back as the plan says. An itinerary is run exactly as saved, or refused (52) with what moved. First Ctrl-C: nothing new is started. Second: leave, the run stays open. Pipelines should start `node …/bin/serin.js`, since npx forwards no signals.',
    examples: ['serin apply plan.yaml', 'serin apply itinerary.json --yes', 'serin apply plan.yaml --until canary'],
  },
  parameters: {
    flags: {
      yes: switchFlag('Do not ask (required where there is no terminal)'),
      until: optionalText('Hold after this phase or batch, such as canary', 'phase'),
      output: outputFlag(RUN_FORMS, 'table'),
    },
    aliases: { ...OUTPUT_ALIAS, y: 'yes' },
    positional: {
      kind: 'tuple',
      parameters: [{ brief: 'A plan (YAML) or an itinerary (JSON)', parse: text, placeholder: 'plan|itinerary' }],
    },
  },
  async run(session, flags, file) {
    if (!flags.yes && !canAsk(session))
      throw usage('There is no terminal to ask on, and --yes was not given.', 'Give --yes where nobody can answer.')
    const { ports, planned } = await prepared(session, file)
    const stopped = stoppedByPreflight(session, planned, file, flags.output)
    if (stopped !== EXIT.ok) return stopped
    if (planned.itinerary.batches.length === 0) return nothingToDo(session, planned)
    if (!flags.yes && !(await agreed(session, planned))) return declined(session)
    return await driveToRest({
      session,
      itinerary: planned.itinerary,
      form: flags.output,
      heartbeat: heartbeatOf(ports),
      runFolder: runFolderOf(session),
      until: flags.until,
      start: (options) => applyItinerary(ports, planned.itinerary, options),
    })
  },
})

async function prepared(session: Session, file: string): Promise<{ ports: RunPorts; planned: Planned }> {
  const given = isItineraryFile(session, file) ? { itinerary: loadItineraryFile(session, file) } : { loaded: loadPlanFile(session, file) }
  const plan = given.loaded?.plan ?? given.itinerary?.source.plan
  const target = given.loaded
    ? { ...given.loaded.plan.cluster, cluster: given.loaded.plan.cluster.name }
    : targetOfItinerary(given.itinerary)
  const ports = await connect(session, target)
  await refuseWhileOpen(ports)
  const snapshot = await capture(session, ports, target.cluster, { plan })
  const planned = given.loaded ? planOn(given.loaded, snapshot) : planAgain(given.itinerary, snapshot)
  printFindings(session, planned, 'stderr', 'table')
  session.stderr.write('\n')
  printPlan(session, planned, 'stderr', 'table')
  return { ports, planned }
}

function canAsk(session: Session): boolean {
  return session.isTerminal.stdin && session.isTerminal.stderr && session.ask !== undefined
}

async function agreed(session: Session, { itinerary }: Planned): Promise<boolean> {
  const answer = await session.ask?.(`Apply this to cluster ${itinerary.cluster.name}? Type yes to go on: `)
  return answer?.trim().toLowerCase() === 'yes'
}

function declined(session: Session): number {
  session.stderr.write('Not applied: the answer was not yes. Nothing was changed.\n')
  return EXIT.interrupted
}

function nothingToDo(session: Session, { itinerary }: Planned): number {
  session.stdout.write(`Nothing to do: cluster ${itinerary.cluster.name} is as plan ${itinerary.plan} wants it.\n`)
  return EXIT.ok
}
