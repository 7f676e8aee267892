import { afterEach, describe, expect, it, vi } from 'vitest'
import { createCaches } from '../../src/adapters/kubernetes/caches.ts'
import type { Liveness } from '../../src/adapters/kubernetes/reflector.ts'
import { createRetrier, createThrottleCount } from '../../src/adapters/retry.ts'
import { MINUTE, SECOND } from '../../src/model/instant.ts'
import type { Clock } from '../../src/ports/clock.ts'
import { type Caches, RESOURCES } from '../../src/ports/kubernetes.ts'
import { ApiServer, type KubeAnswer, type KubeRequest, type OpenWatch, status } from './support/api-server.ts'
import { fakeClock, manualClock } from './support/fake-clock.ts'
import { rejection } from './support/rejection.ts'

const NODES = '/api/v1/nodes'
const EVENTS = '/api/v1/events'

interface NodeObject {
  readonly metadata: { readonly name: string; readonly uid: string; readonly resourceVersion: string; readonly [member: string]: unknown }
  readonly [member: string]: unknown
}
const node = (name: string, version: number, more: object = {}): NodeObject => ({
  kind: 'Node',
  apiVersion: 'v1',
  metadata: { name, uid: `uid-${name}`, resourceVersion: String(version), ...more },
})
const bookmark = (version: number) => ({ kind: 'Node', apiVersion: 'v1', metadata: { resourceVersion: String(version) } })
const list = (version: number, ...items: readonly unknown[]): KubeAnswer => ({
  body: { kind: 'List', metadata: { resourceVersion: String(version) }, items },
})

let caches: Caches | undefined
afterEach(async () => {
  await caches?.stop()
  caches = undefined
})

/** Caches over an API server whose nodes answer as told; everything else is empty and quiet. */
function watching(options: {
  clock?: Clock
  liveness?: Liveness
  answer?: (request: KubeRequest, watches: OpenWatch[]) => KubeAnswer | undefined
}) {
  const watches: OpenWatch[] = []
  const server = new ApiServer((request) => {
    const given = options.answer?.(request, watches)
    if (given !== undefined) return given
    if (request.query.get('watch') !== 'true') return list(10)
    return { open: (watch) => (request.path === NODES ? watches.push(watch) : undefined) }
  })
  const clock = options.clock ?? manualClock()
  caches = createCaches(server.connection(), createRetrier(clock, createThrottleCount()), clock, options.liveness)
  const lists = (path = NODES) => server.asked.filter((asked) => asked.path === path && asked.query.get('watch') === null)
  return { caches, server, watches, lists, names: () => caches?.items(RESOURCES.nodes).map(({ metadata }) => metadata.name) }
}

/** The nth watch of nodes, counted from one, as soon as it is open. */
const opened = (watches: OpenWatch[], count = 1): Promise<OpenWatch> =>
  vi.waitFor(() => {
    const watch = watches[count - 1]
    if (watch === undefined) throw new Error('not opened yet')
    return watch
  })

describe('following', () => {
  it('lists, then watches from the version of the list, with bookmarks', async () => {
    const { caches, watches, names } = watching({ answer: nodesOnce(list(10, node('a', 5))) })
    await caches.start()
    expect(names()).toEqual(['a'])
    const watch = await opened(watches)
    expect(Object.fromEntries(watch.query)).toMatchObject({ resourceVersion: '10', allowWatchBookmarks: 'true', watch: 'true' })
    watch.send('ADDED', node('b', 11))
    watch.send('MODIFIED', node('a', 12))
    watch.send('DELETED', node('b', 13))
    await vi.waitFor(() => expect(caches.items(RESOURCES.nodes)[0]?.metadata.resourceVersion).toBe('12'))
    expect(names()).toEqual(['a'])
    expect(caches.unavailable()).toEqual([])
  })

  it('puts together events that arrive in pieces', async () => {
    const { caches, watches, names } = watching({})
    await caches.start()
    const watch = await opened(watches)
    const bytes = Buffer.from(`${JSON.stringify({ type: 'ADDED', object: node('knöten', 11) })}\n`)
    const inTheMiddleOfALetter = bytes.indexOf('ö') + 1
    watch.write(bytes.subarray(0, inTheMiddleOfALetter))
    watch.write(bytes.subarray(inTheMiddleOfALetter))
    await vi.waitFor(() => expect(names()).toEqual(['knöten']))
  })

  it('keeps the identity of what did not change, and the array as long as nothing did', async () => {
    const { caches, watches } = watching({
      answer: ({ path, query }) => (path === NODES && query.get('watch') === null ? list(10, node('a', 5)) : undefined),
    })
    await caches.start()
    const before = caches.items(RESOURCES.nodes)
    await caches.refresh()
    expect(caches.items(RESOURCES.nodes)).toBe(before)
    const watch = await opened(watches)
    watch.send('ADDED', node('b', 11))
    await vi.waitFor(() => expect(caches.items(RESOURCES.nodes)).toHaveLength(2))
    expect(caches.items(RESOURCES.nodes)[0]).toBe(before[0])
    expect(Object.isFrozen(before[0])).toBe(true)
  })

  it('starts without the kind that it can do without, says so, and reads it again once it may', async () => {
    const clock = manualClock()
    let allowed = false
    const slices = '/apis/discovery.k8s.io/v1/endpointslices'
    const { caches } = watching({
      clock,
      answer: ({ path }) => (path === slices && !allowed ? status(403, 'Forbidden', 'endpointslices is forbidden') : undefined),
    })
    await caches.start()
    expect(caches.unavailable()).toMatchObject([{ resource: RESOURCES.endpointSlices, reason: expect.stringContaining('is forbidden') }])
    await caches.refresh()
    allowed = true
    await vi.waitFor(() => {
      clock.advance(MINUTE)
      expect(caches.unavailable()).toEqual([])
    })
  })

  it('trims on arrival', async () => {
    const fat = {
      managedFields: [{ manager: 'kubelet' }],
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}', keep: 'this' },
    }
    const { caches } = watching({ answer: nodesOnce(list(10, node('a', 5, fat))) })
    await caches.start()
    expect(caches.items(RESOURCES.nodes)[0]?.metadata).toEqual({
      name: 'a',
      uid: 'uid-a',
      resourceVersion: '5',
      annotations: { keep: 'this' },
    })
  })

  it('keeps events of pods only', async () => {
    const event = (name: string, kind: string) => ({
      metadata: { name, namespace: 'shop', resourceVersion: '3' },
      involvedObject: { kind },
    })
    const { caches, server } = watching({
      answer: ({ path, query }) =>
        path === EVENTS && query.get('watch') === null ? list(10, event('e1', 'Pod'), event('e2', 'Node')) : undefined,
    })
    await caches.start()
    expect(caches.items(RESOURCES.events).map(({ metadata }) => metadata.name)).toEqual(['e1'])
    expect(server.asked.find(({ path }) => path === EVENTS)?.query.get('fieldSelector')).toBe(
      'involvedObject.kind=Pod,reason!=Scheduled,reason!=Killing',
    )
  })
})

describe('losing the thread', () => {
  const expired = status(410, 'Expired', 'too old resource version')
  it.each<[string, (watch: OpenWatch) => void]>([
    ['410 as an event inside a 200', (watch) => watch.send('ERROR', expired.body)],
    ['a line that is no JSON', (watch) => watch.write('<html>\n')],
  ])('lists again after %s', async (_title, happen) => {
    const answers = [list(10, node('a', 5)), list(20, node('b', 15))]
    const { caches, watches, names } = watching({ clock: fakeClock(), answer: nodesInTurn(answers) })
    await caches.start()
    happen(await opened(watches))
    const second = await opened(watches, 2)
    expect(names()).toEqual(['b'])
    expect(second.query.get('resourceVersion')).toBe('20')
  })

  it('lists again at once after 410 as an HTTP status', async () => {
    let refused = false
    const { caches, watches, lists } = watching({
      answer: ({ path, query }) => {
        if (path !== NODES || query.get('watch') === null || refused) return undefined
        refused = true
        return expired
      },
    })
    await caches.start()
    await opened(watches)
    expect(lists()).toHaveLength(2)
    expect(caches.unavailable()).toEqual([])
  })
})

describe('a watch that ends', () => {
  it('goes on from the last version when the server ends a watch in good order', async () => {
    const { caches, watches, lists } = watching({})
    await caches.start()
    const first = await opened(watches)
    first.send('BOOKMARK', bookmark(42))
    first.end()
    expect((await opened(watches, 2)).query.get('resourceVersion')).toBe('42')
    expect(lists()).toHaveLength(1)
  })

  it('waits a little and goes on from the last version when the connection is cut', async () => {
    const clock = fakeClock()
    const { caches, watches, lists } = watching({ clock })
    await caches.start()
    const first = await opened(watches)
    first.send('ADDED', node('a', 11))
    await vi.waitFor(() => expect(caches.items(RESOURCES.nodes)).toHaveLength(1))
    first.cut()
    expect((await opened(watches, 2)).query.get('resourceVersion')).toBe('11')
    expect(lists()).toHaveLength(1)
    expect(clock.slept).toHaveLength(1)
  })

  it('survives an API server that is away for a while, says so meanwhile, and lists again', async () => {
    let away = false
    const clock = manualClock()
    const { caches, watches, names } = watching({
      clock,
      answer: ({ path, query }) => {
        if (path !== NODES) return undefined
        if (away) return { fails: 'ECONNREFUSED' }
        return query.get('watch') === null ? list(50, node('after', 45)) : undefined
      },
    })
    await caches.start()
    away = true
    ;(await opened(watches)).cut()
    for (let round = 0; round < 3; round += 1) {
      await vi.waitFor(() => expect(clock.sleepers).toBe(1))
      clock.advance(20 * SECOND)
    }
    await vi.waitFor(() => expect(clock.sleepers).toBe(1))
    expect(caches.unavailable()[0]).toMatchObject({ resource: RESOURCES.nodes, reason: expect.stringContaining('ECONNREFUSED') })
    away = false
    clock.advance(20 * SECOND)
    await opened(watches, 2)
    await vi.waitFor(() => expect(caches.unavailable()).toEqual([]))
    expect(names()).toEqual(['after'])
  })

  it('takes a quiet watch that ends after a while for what it is', async () => {
    const clock = manualClock()
    const { caches, watches, lists } = watching({ clock })
    await caches.start()
    for (const count of [1, 2, 3]) {
      const watch = await opened(watches, count)
      clock.advance(5 * MINUTE)
      watch.end()
    }
    await opened(watches, 4)
    expect(caches.unavailable()).toEqual([])
    expect(lists()).toHaveLength(1)
  })

  it('backs off from a server that ends every watch before it began', async () => {
    const clock = manualClock()
    const { caches, server } = watching({
      clock,
      answer: ({ path, query }) => (path === NODES && query.get('watch') === 'true' ? { open: (watch) => watch.end() } : undefined),
    })
    await caches.start()
    await vi.waitFor(() => expect(clock.sleepers).toBe(1))
    expect(server.asked.filter(({ path, query }) => path === NODES && query.get('watch') === 'true')).toHaveLength(1)
  })
})

describe('silence', () => {
  const real = manualClock()
  const liveness = { clock: real, inactivity: 90 * SECOND, resync: 5 * MINUTE }

  it('for longer than bookmarks take is doubted, and everything is listed again', async () => {
    const { caches, watches, lists } = watching({ liveness })
    await caches.start()
    await opened(watches)
    real.advance(91 * SECOND)
    await opened(watches, 2)
    expect(lists()).toHaveLength(2)
  })

  it('is not doubted while something is heard', async () => {
    const { caches, watches, lists } = watching({ liveness })
    await caches.start()
    const watch = await opened(watches)
    for (let round = 0; round < 3; round += 1) {
      real.advance(60 * SECOND)
      watch.send('BOOKMARK', bookmark(20 + round))
      await caches.reached(0)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(lists()).toHaveLength(1)
  })

  it('means nothing in a rehearsal, however far time jumps', async () => {
    const clock = manualClock()
    const { caches, watches } = watching({ clock })
    await caches.start()
    await opened(watches)
    clock.advance(600 * MINUTE)
    await new Promise((resolve) => setImmediate(resolve))
    expect(watches).toHaveLength(1)
  })
})

describe('the barrier of a rehearsal', () => {
  it('opens when every watch has seen the version, compared as a number', async () => {
    const { caches, server, watches } = watchingAll()
    await caches.start()
    await vi.waitFor(() => expect(watches).toHaveLength(9))
    let reached = false
    const barrier = caches.reached(100).then(() => {
      reached = true
    })
    for (const watch of watches.slice(1)) watch.send('BOOKMARK', bookmark(100))
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(reached).toBe(false)
    watches[0]?.send('BOOKMARK', bookmark(101))
    await barrier
    expect(server.asked.length).toBeGreaterThan(0)
  })

  it('does not wait for a watch that waits for time to go on', async () => {
    const clock = manualClock()
    const { caches, watches } = watchingAll(clock)
    await caches.start()
    await vi.waitFor(() => expect(watches).toHaveLength(9))
    for (const watch of watches.slice(1)) watch.send('BOOKMARK', bookmark(100))
    watches[0]?.cut()
    await vi.waitFor(() => expect(clock.sleepers).toBe(1))
    await caches.reached(100)
  })

  function watchingAll(clock: Clock = manualClock()) {
    const watches: OpenWatch[] = []
    const server = new ApiServer(({ query }) => (query.get('watch') === 'true' ? { open: (watch) => watches.push(watch) } : list(9)))
    caches = createCaches(server.connection(), createRetrier(clock, createThrottleCount()), clock)
    return { caches, server, watches }
  }
})

describe('a plain read beside a running watch', () => {
  it('does not bring back what was deleted after it was read, nor lose what came after', async () => {
    let answerLate: (() => void) | undefined
    let lists = 0
    const { caches, watches, names } = watching({
      answer: ({ path, query }) => {
        if (path !== NODES || query.get('watch') !== null) return undefined
        lists += 1
        if (lists === 1) return list(10, node('a', 5), node('b', 6))
        return {
          open: (late) => {
            answerLate = () => {
              late.write(JSON.stringify({ metadata: { resourceVersion: '12' }, items: [node('a', 5), node('b', 6)] }))
              late.end()
            }
          },
        }
      },
    })
    await caches.start()
    const watch = await opened(watches)
    const refreshed = caches.refresh()
    await vi.waitFor(() => expect(answerLate).toBeDefined())
    watch.send('DELETED', node('b', 13))
    watch.send('ADDED', node('c', 14))
    await vi.waitFor(() => expect(names()).toEqual(['a', 'c']))
    answerLate?.()
    await refreshed
    expect(names()).toEqual(['a', 'c'])
  })

  it('drops what is gone although no event said so', async () => {
    const answers = [list(10, node('a', 5), node('ghost', 6)), list(20, node('a', 5))]
    const { caches, names } = watching({ answer: nodesInTurn(answers) })
    await caches.start()
    await caches.refresh()
    expect(names()).toEqual(['a'])
  })
})

describe('starting and stopping', () => {
  it('fails as the first list fails, and leaves no watch behind', async () => {
    const { caches, watches } = watching({
      answer: ({ path }) => (path === EVENTS ? status(403, 'Forbidden', 'events is forbidden') : undefined),
    })
    expect(await rejection(caches.start())).toMatchObject({ code: 'REMOTE_DENIED' })
    expect(watches.every(({ aborted }) => aborted)).toBe(true)
  })

  it('ends every watch', async () => {
    const { caches, watches } = watching({})
    await caches.start()
    const watch = await opened(watches)
    await caches.stop()
    expect(watch.aborted).toBe(true)
  })
})

function nodesOnce(answer: KubeAnswer) {
  return nodesInTurn([answer])
}

/** Lists of nodes one after the other, the last again and again. */
function nodesInTurn(answers: readonly KubeAnswer[]) {
  let count = 0
  return ({ path, query }: KubeRequest): KubeAnswer | undefined => {
    if (path !== NODES || query.get('watch') !== null) return undefined
    count += 1
    return answers[Math.min(count, answers.length) - 1]
  }
}
