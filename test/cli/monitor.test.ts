import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import { type } from '../support/fake-io.ts'
import { metricOf, scraped } from '../support/prometheus.ts'
import { openSimulatedCli, type SimulatedCli } from '../support/simulated-cli.ts'

describe('monitor', () => {
  let cli: SimulatedCli | undefined
  afterEach(() => cli?.close())

  it('prints rules and alarms without asking a cluster', async () => {
    const rules = await type(['monitor', 'rules', '--cluster', 'shop'])
    expect(rules).toMatchObject({ exit: 0, stdout: expect.stringContaining('kind: PrometheusRule') })
    const alarms = await type(['monitor', 'alarms', '--cluster', 'shop'])
    expect(JSON.parse(alarms.stdout).length).toBeGreaterThan(3)
  })

  it('has a manifest in its page that an API server takes', async () => {
    cli = openSimulatedCli({ plan: 'quickstart' })
    const { kubernetes } = await cli.simulation.connect()
    const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(readFileSync('docs/monitor.md', 'utf8')) ?? []
    const objects = parseAllDocuments(yaml).map((document): KubernetesObject => document.toJS())
    expect(objects.map(({ kind }) => kind)).toEqual(['ServiceAccount', 'ClusterRoleBinding', 'Deployment'])
    for (const object of objects) {
      const resource = { ...object, plural: `${object.kind.toLowerCase()}s`, namespaced: object.metadata.namespace !== undefined }
      await expect(kubernetes.create(resource, object, { dryRun: true })).resolves.toMatchObject({ kind: object.kind })
    }
  })

  it.each([
    { title: 'something else to print', line: ['monitor', 'dashboards', '--cluster', 'shop'], words: 'it prints `rules` and `alarms`' },
    { title: 'a name that would break a rule', line: ['monitor', 'rules', '--cluster', 'a"b'], words: 'Which cluster?' },
    { title: 'no time', line: ['monitor', '--cluster', 'shop', '--region', 'eu-west-1', '--every', 'soon'], words: "'soon' is no time" },
  ])('refuses $title', async ({ line, words }) => {
    expect(await type(line)).toMatchObject({ exit: 2, stderr: expect.stringContaining(words) })
  })

  it('serves until it is told to stop, and then ends well', async () => {
    cli = openSimulatedCli({ plan: 'small' }, {})
    let stop = (): void => undefined
    const heard: string[] = []
    const stderr = { write: (text: string) => void heard.push(text) }
    const onSignal = (listener: (signal: 'SIGTERM') => void) => {
      stop = () => listener('SIGTERM')
      return () => undefined
    }
    const ended = cli.type(['monitor', '--cluster', 'small', '--region', 'eu-west-1', '--listen', '127.0.0.1:0'], { stderr, onSignal })
    const address = await said(heard)
    const metrics = await seen(`${address}/metrics`)
    expect(metricOf(scraped(metrics), 'serin_nodes', { nodegroup: 'canary' })).toBeGreaterThan(0)
    expect((await fetch(`${address}/healthz`)).status).toBe(200)
    stop()
    expect(await ended).toMatchObject({ exit: 0 })
    await expect(fetch(`${address}/healthz`)).rejects.toThrow()
  })
})

async function said(heard: readonly string[]): Promise<string> {
  for (;;) {
    const address = /http:\/\/[\d.:]+/.exec(heard.join(''))?.[0]
    if (address !== undefined) return address
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** The first metrics that are not empty. */
async function seen(url: string): Promise<string> {
  for (;;) {
    const text = await (await fetch(url)).text()
    if (text.includes('serin_nodes{')) return text
  }
}
