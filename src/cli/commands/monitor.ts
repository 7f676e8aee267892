import { SerinError } from '../../errors/serin-error.ts'
import { formatDuration, type Instant, parseDuration, SECOND } from '../../model/instant.ts'
import type { MonitorReading } from '../../model/monitor.ts'
import { metricsText } from '../../report/monitor/metrics.ts'
import { cloudWatchAlarms, prometheusRule } from '../../report/monitor/rules.ts'
import { command, type Session } from '../command.ts'
import { connect, targetOf } from '../connection.ts'
import { clusterFlag, optionalText, regionFlag } from '../flags.ts'
import { OK, usage } from '../io.ts'

interface Flags {
  readonly cluster?: string
  readonly region?: string
  readonly listen?: string
  readonly every?: string
}

export const monitor = command<Flags, [what?: string]>({
  text: {
    brief: 'Watch a cluster: metrics for Prometheus, a health endpoint, and rules and alarms for them',
    description:
      'Reads the cluster until it is stopped, and serves /metrics (readiness of aws-node by node group, stuck pods by cause, addresses left in subnets with their trend, throttling, open diagnoses) and /healthz. Survives restarts of the API server. Changes nothing. `monitor rules` prints a PrometheusRule and `monitor alarms` inputs of `aws cloudwatch put-metric-alarm` for the same conditions; both need no cluster. docs/monitor.md shows how to run it in the cluster.',
    examples: [
      'serin monitor --cluster shop --region eu-central-1',
      'serin monitor --cluster shop --listen 0.0.0.0:9464',
      'serin monitor rules --cluster shop | kubectl apply -n monitoring -f -',
      'serin monitor alarms --cluster shop > alarms.json',
    ],
  },
  parameters: {
    flags: {
      cluster: clusterFlag,
      region: regionFlag,
      listen: optionalText('Address and port to serve on (default: 127.0.0.1:9464)', 'host:port'),
      every: optionalText('How often the cluster is read (default: 30s)', 'duration'),
    },
    positional: {
      kind: 'tuple',
      parameters: [{ brief: '`rules` or `alarms`: print these and end', parse: String, placeholder: 'rules|alarms', optional: true }],
    },
  },
  async run(session, flags, what) {
    if (what !== undefined) return print(session, what, flags.cluster)
    await watch(session, flags)
    return OK
  },
})

function print({ stdout }: Session, what: string, cluster: string | undefined): number {
  if (cluster === undefined || !/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(cluster)) throw usage('Which cluster? Give --cluster NAME.')
  if (what === 'rules') stdout.write(prometheusRule(cluster))
  else if (what === 'alarms') stdout.write(cloudWatchAlarms(cluster))
  else throw usage(`monitor knows no '${what}'; it prints \`rules\` and \`alarms\``)
  return OK
}

/** After so many readings that did not come, the health endpoint says so. */
const MISSED = 5

async function watch(session: Session, flags: Flags): Promise<void> {
  const every = parseDuration(flags.every ?? '30s')
  if (every === undefined || every < SECOND) throw usage(`'${flags.every}' is no time between two readings`, 'Write it as `30s` or `2m`.')
  const target = targetOf(session, flags)
  const { serveMetrics } = await import('../../adapters/metrics-server/metrics-server.ts')
  const { monitor: look } = await import('../../engine/monitor.ts')
  const ports = await connect(session, target)
  const stop = new AbortController()
  const unlisten = session.onSignal(() => stop.abort())
  let last: MonitorReading | undefined
  let why = 'the cluster has not been read yet'
  const ailment = () => ailmentOf(last, why, ports.clock.now(), every)
  const server = await listening(flags.listen ?? '127.0.0.1:9464', (host, port) =>
    serveMetrics(host, port, { metrics: () => metricsText(last), ailment }),
  )
  session.stderr.write(`Watching ${target.cluster} every ${formatDuration(every)}: ${server.address}/metrics and /healthz. Ctrl-C ends.\n`)
  try {
    await look({
      ports,
      cluster: target.cluster,
      every,
      stop: stop.signal,
      publish: (reading) => {
        last = reading
      },
      trouble: (reason) => {
        why = reason
        session.stderr.write(`The cluster could not be read: ${reason}\n`)
      },
    })
  } finally {
    unlisten()
    await server.close()
  }
}

function ailmentOf(last: MonitorReading | undefined, why: string, now: Instant, every: number): string | undefined {
  if (last !== undefined && now - last.at <= MISSED * every) return undefined
  return last === undefined ? why : `the cluster was last read ${formatDuration(now - last.at)} ago: ${why}`
}

async function listening<T>(where: string, listen: (host: string, port: number) => Promise<T>): Promise<T> {
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(where) ?? []
  if (host === undefined || port === undefined || Number(port) > 65_535)
    throw usage(`'${where}' is no address to listen on`, 'Write it as `127.0.0.1:9464`.')
  try {
    return await listen(host.replace(/^\[(.*)\]$/, '$1'), Number(port))
  } catch (cause) {
    const message = `Nothing can be served on ${where}: ${(cause as Error).message}`
    throw new SerinError('USAGE', message, { remedy: 'Choose another port with --listen.' }, cause)
  }
}
