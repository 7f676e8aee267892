import { numberParser } from '@stricli/core'
import { command } from '../command.ts'
import { absolute } from '../documents.ts'
import { optionalText, scenarioFlag, seedFlag, switchFlag, text } from '../flags.ts'
import { OK, usage } from '../io.ts'
import { namedWorld, openNamed, scenarioList } from '../worlds.ts'

interface Flags {
  readonly world?: string
  readonly scenario?: readonly string[]
  readonly seed?: number
  readonly speed: number
  readonly audit?: string
  readonly listScenarios: boolean
}

export const sandbox = command<Flags, string[]>({
  text: {
    brief: 'Run any command against a simulated AWS and EKS cluster',
    description:
      "Serves a simulated AWS account with one EKS cluster on loopback and runs a command in it: AWS_ENDPOINT_URL, credentials, KUBECONFIG and a proxy are set so that no request of the command reaches the real AWS. kubectl, the AWS CLI and Serin itself work in it; Serin follows the clock of the sandbox. The world lives until the command ends; its exit code is this one's.",
    examples: [
      'serin sandbox -- kubectl get nodes,pods -A',
      'serin sandbox -- aws eks list-nodegroups --cluster-name shop',
      'serin sandbox --scenario ipam-hang --scenario throttled -- bash',
      'serin sandbox --list-scenarios',
      'serin sandbox --speed 120 --audit audit.ndjson -- node bin/serin.js apply plans/quickstart.yaml --yes',
    ],
  },
  parameters: {
    flags: {
      world: optionalText('A world file, or the name of a shipped one (default: quickstart)', 'file|name'),
      scenario: scenarioFlag,
      seed: seedFlag,
      speed: { kind: 'parsed', parse: numberParser, default: '60', brief: 'Seconds of the world per second', placeholder: 'n' },
      listScenarios: switchFlag('Print the shipped scenarios and end'),
      audit: optionalText('Write one line of JSON per request to this file', 'file'),
    },
    positional: { kind: 'array', parameter: { brief: 'The command and its arguments, behind --', parse: text, placeholder: 'command' } },
  },
  async run(session, flags, ...given) {
    if (flags.listScenarios) {
      session.stdout.write(await scenarioList(session))
      return OK
    }
    if (given.length === 0) throw usage('Which command? Write it behind --, as in: serin sandbox -- kubectl get nodes')
    if (!(flags.speed > 0)) throw usage('--speed is a number above zero')
    const { runInSandbox } = await import('../../sandbox/shell.ts')
    const world = await openNamed(session, namedWorld(session, flags, 'quickstart'), flags.speed)
    const audit = flags.audit === undefined ? {} : { audit: absolute(session, flags.audit) }
    const exit = await runInSandbox(world, given, { speed: flags.speed, env: session.env, ...audit })
    for (const sentence of world.unmetFaults()) session.stderr.write(`! ${sentence}\n`)
    return exit
  },
})
