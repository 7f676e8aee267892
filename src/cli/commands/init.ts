import { proposePlan } from '../../plan/propose.ts'
import { command } from '../command.ts'
import { capture, connectToRead, targetOf } from '../connection.ts'
import { absolute, loadSnapshotFile, writeDocument } from '../documents.ts'
import { clusterFlag, optionalText, regionFlag } from '../flags.ts'
import { OK, usage } from '../io.ts'

interface Flags {
  readonly cluster?: string
  readonly region?: string
  readonly snapshot?: string
  readonly out?: string
}

export const init = command<Flags, []>({
  text: {
    brief: 'Propose a plan for a cluster',
    description:
      'Reads a cluster, or a snapshot of it, and writes a commented plan: a canary proposed, every other node group last. An existing file is never overwritten. Changes nothing on the cluster.',
    examples: ['serin init --cluster shop --region eu-central-1 --out plan.yaml', 'serin init --snapshot snapshot.json'],
  },
  parameters: {
    flags: {
      cluster: clusterFlag,
      region: regionFlag,
      snapshot: optionalText('Work offline, from this snapshot', 'file'),
      out: optionalText('Write to this file (default: stdout)', 'file'),
    },
    aliases: { o: 'out' },
  },
  async run(session, flags) {
    if (flags.out && session.fileExists(absolute(session, flags.out))) throw usage(`${flags.out} exists and is not overwritten.`)
    const text = proposePlan(await observed(session, flags))
    if (flags.out) writeDocument(session, flags.out, text)
    else session.stdout.write(text)
    if (flags.out) session.stderr.write(`The plan is in ${flags.out}. Read it, then: serin preflight ${flags.out}\n`)
    return OK
  },
})

async function observed(session: Parameters<typeof targetOf>[0], flags: Flags) {
  if (flags.snapshot) return loadSnapshotFile(session, flags.snapshot)
  const target = targetOf(session, flags)
  return await capture(session, await connectToRead(session, target), target.cluster)
}
