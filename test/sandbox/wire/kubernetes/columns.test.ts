import { describe, expect, it } from 'vitest'
import { SECOND } from '../../../../src/model/instant.ts'
import type { StoredObject } from '../../../../src/sandbox/contract.ts'
import { durationText } from '../../../../src/sandbox/wire/kubernetes/columns/column.ts'
import { columnsOf } from '../../../../src/sandbox/wire/kubernetes/columns/registry.ts'
import { pod, START, tinyWorld } from '../tiny-world.ts'

function cellsOf(object: StoredObject): Record<string, unknown> {
  return Object.fromEntries(columnsOf(object).map((column) => [column.name, column.cell(object, START + 90 * SECOND)]))
}

describe('ages', () => {
  it.each([
    { seconds: 5, text: '5s' },
    { seconds: 119, text: '119s' },
    { seconds: 120, text: '2m' },
    { seconds: 200, text: '3m20s' },
    { seconds: 3_000, text: '50m' },
    { seconds: 12_600, text: '3h30m' },
    { seconds: 90_000, text: '25h' },
    { seconds: 200_000, text: '2d7h' },
    { seconds: 2_000_000, text: '23d' },
  ])('$seconds seconds are $text', ({ seconds, text }) => {
    expect(durationText(seconds)).toBe(text)
  })
})

describe('the status of a pod', () => {
  const waiting = (reason: string) => ({ waiting: { reason } })
  const init = [{ name: 'a' }, { name: 'b' }]
  it.each([
    { title: 'its phase', status: { phase: 'Running' }, word: 'Running' },
    {
      title: 'why a container waits',
      status: { phase: 'Running', containerStatuses: [{ state: waiting('CrashLoopBackOff'), restartCount: 3 }] },
      word: 'CrashLoopBackOff',
    },
    {
      title: 'why a container ended',
      status: { phase: 'Failed', containerStatuses: [{ state: { terminated: { reason: 'OOMKilled' } } }] },
      word: 'OOMKilled',
    },
    {
      title: 'how far the init containers are',
      status: { phase: 'Pending', initContainerStatuses: [{ state: { terminated: { exitCode: 0 } } }, { state: { running: {} } }] },
      word: 'Init:1/2',
    },
    {
      title: 'why an init container waits',
      status: { phase: 'Pending', initContainerStatuses: [{ state: waiting('ErrImagePull') }] },
      word: 'Init:ErrImagePull',
    },
  ])('is $title', ({ status, word }) => {
    const world = tinyWorld()
    const object = world.store.create(pod('web-0', 'n1', { status, spec: { containers: [{ name: 'main' }], initContainers: init } }))
    expect(cellsOf(object)).toMatchObject({ Status: word })
  })

  it('is Terminating once it is being deleted', () => {
    const object = tinyWorld().store.create(
      pod('web-0', 'n1', { metadata: { name: 'web-0', namespace: 'shop', deletionTimestamp: '2026-01-05T08:00:00Z' } }),
    )
    expect(cellsOf(object)).toMatchObject({ Status: 'Terminating' })
  })

  it('tells of restarts when the last one was', () => {
    const containerStatuses = [{ restartCount: 3, lastState: { terminated: { finishedAt: '2026-01-05T08:00:30Z' } } }]
    const object = tinyWorld().store.create(pod('web-0', 'n1', { status: { phase: 'Running', containerStatuses } }))
    expect(cellsOf(object)).toMatchObject({ Restarts: '3 (60s ago)', Age: '90s' })
  })
})

it('a DaemonSet has the counts the API server prints', () => {
  const status = { desiredNumberScheduled: 4, currentNumberScheduled: 4, numberReady: 3, updatedNumberScheduled: 2, numberAvailable: 3 }
  const object = tinyWorld().store.create({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'aws-node', namespace: 'kube-system' },
    spec: {},
    status,
  })
  expect(cellsOf(object)).toMatchObject({
    Desired: 4,
    Current: 4,
    Ready: 3,
    'Up-to-date': 2,
    Available: 3,
    'Node Selector': '<none>',
    Age: '90s',
  })
})
