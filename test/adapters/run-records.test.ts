import { describe, expect, it } from 'vitest'
import { createRunRecords } from '../../src/adapters/run-record/run-records.ts'
import type { RunRecord, RunRequest } from '../../src/ports/run-record.ts'
import { fakeClock, START } from './support/fake-clock.ts'
import { memoryKubernetes } from './support/memory-kubernetes.ts'
import { rejection } from './support/rejection.ts'

const RECORD: RunRecord = {
  run: 'run-1',
  status: 'open',
  plan: 'plans/quickstart.yaml',
  digest: 'sha256:1',
  openedAt: START,
  updatedAt: START,
  openedBy: 'lena',
  sequence: 1,
  itinerary: JSON.stringify({ batches: ['canary'] }),
  state: JSON.stringify({ run: 'run-1' }),
  requests: [],
}
const request = (id: string): RunRequest => ({ id, kind: 'approve', by: 'omar', at: START, reason: 'looks good' })

function cluster() {
  const memory = memoryKubernetes()
  const connect = () => createRunRecords(memory.kubernetes, fakeClock())
  return { ...memory, connect }
}

describe('the record', () => {
  it('is what was written, seen from another machine, small enough and not to be read by eye', async () => {
    const { connect, only } = cluster()
    await connect().write(RECORD)
    expect(await connect().read()).toEqual(RECORD)
    expect(only()).toMatchObject({ kind: 'ConfigMap', metadata: { name: 'serin-run', namespace: 'kube-system' } })
    expect(Object.keys(only().binaryData as object)).toEqual(['itinerary.json.gz', 'state.json.gz'])
  })

  it('is not there when there is none', async () => {
    expect(await cluster().connect().read()).toBeUndefined()
  })

  it('is refused when it would not fit into a ConfigMap', async () => {
    const { connect } = cluster()
    const noise = Array.from({ length: 150_000 }, (_, index) => Math.sin(index + 1)).join()
    expect(await rejection(connect().write({ ...RECORD, state: noise }))).toMatchObject({ code: 'REMOTE_REFUSED' })
  })

  it('of somebody else under the same name is named, not used', async () => {
    const { connect, kubernetes } = cluster()
    await kubernetes.create(
      { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'serin-run', namespace: 'kube-system' } },
    )
    expect(await rejection(connect().read())).toMatchObject({ code: 'DOCUMENT_INVALID' })
  })
})

describe('two writers', () => {
  it('a driver keeps the request that came while it worked', async () => {
    const { connect } = cluster()
    const driver = connect()
    await driver.write(RECORD)
    await connect().request(request('r1'))
    await driver.write({ ...RECORD, sequence: 2 })
    expect(await connect().read()).toMatchObject({ sequence: 2, requests: [request('r1')] })
  })

  it('a driver keeps the requests it has read, whatever it writes', async () => {
    const { connect } = cluster()
    const driver = connect()
    await driver.write(RECORD)
    await connect().request(request('r1'))
    await driver.read()
    await driver.write({ ...RECORD, sequence: 2, requests: [] })
    expect(await connect().read()).toMatchObject({ requests: [request('r1')] })
  })

  it('requests from two places are both kept, each once', async () => {
    const { connect } = cluster()
    await connect().write(RECORD)
    await Promise.all([connect().request(request('r1')), connect().request(request('r2')), connect().request(request('r1'))])
    expect((await connect().read())?.requests.map(({ id }) => id).sort()).toEqual(['r1', 'r2'])
  })

  it('two drivers: the second that writes is told, and the first is not overwritten, not even at the next try', async () => {
    const { connect } = cluster()
    const [one, other] = [connect(), connect()]
    await one.write(RECORD)
    await other.read()
    await one.write({ ...RECORD, sequence: 2 })
    expect(await rejection(other.write({ ...RECORD, sequence: 99 }))).toMatchObject({ code: 'REMOTE_CONFLICT' })
    expect(await rejection(other.write({ ...RECORD, sequence: 99 }))).toMatchObject({ code: 'REMOTE_CONFLICT' })
    expect(await connect().read()).toMatchObject({ sequence: 2 })
  })

  it('a write whose answer was lost is recognised as its own', async () => {
    const { connect, failNext } = cluster()
    const driver = connect()
    await driver.write(RECORD)
    failNext('replace', true)
    expect(await rejection(driver.write({ ...RECORD, sequence: 2 }))).toMatchObject({ details: { ambiguous: true } })
    await driver.write({ ...RECORD, sequence: 2 })
    await driver.write({ ...RECORD, sequence: 3 })
    expect(await connect().read()).toMatchObject({ sequence: 3 })
  })

  it('a new run takes no requests of the old one with it', async () => {
    const { connect } = cluster()
    const driver = connect()
    await driver.write(RECORD)
    await driver.request(request('r1'))
    await driver.read()
    await driver.write({ ...RECORD, status: 'finished' })
    await driver.write({ ...RECORD, run: 'run-2' })
    expect(await connect().read()).toMatchObject({ run: 'run-2', requests: [] })
  })
})

it.each<[string, RunRecord | undefined]>([
  ['there is no record', undefined],
  ['the run is finished', { ...RECORD, status: 'finished' }],
])('a request has nowhere to go when %s', async (_title, record) => {
  const { connect } = cluster()
  if (record !== undefined) await connect().write(record)
  expect(await rejection(connect().request(request('r1')))).toMatchObject({ code: 'RUN_NOT_FOUND' })
})
