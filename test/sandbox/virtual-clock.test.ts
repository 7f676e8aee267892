import { describe, expect, it } from 'vitest'
import { createVirtualClock, type SettlingCache } from '../../src/sandbox/virtual-clock.ts'
import { createTimeline } from '../../src/sandbox/world/timeline.ts'

function setUp(caches: SettlingCache[] = []) {
  const log: string[] = []
  const timeline = createTimeline(0)
  const bookmark = (): number => {
    log.push(`bookmark ${timeline.now()}`)
    return timeline.now()
  }
  const clock = createVirtualClock({ timeline, bookmark, caches: new Set(caches) })
  const sleep = async (name: string, instant: number, signal?: AbortSignal): Promise<void> => {
    await clock.sleepUntil(instant, signal)
    log.push(`${name} ${clock.now()}`)
  }
  return { clock, timeline, log, sleep }
}

const turns = async (count: number): Promise<void> => {
  for (let done = 0; done < count; done++) await new Promise((resolve) => setImmediate(resolve))
}

describe('time that jumps', () => {
  it('serves sleepers in order of instant, whatever the order they came in', async () => {
    const { log, sleep } = setUp()
    await Promise.all([sleep('late', 90), sleep('early', 30), sleep('middle', 60), sleep('past', -5)])
    expect(log.filter((line) => !line.startsWith('bookmark'))).toEqual(['past 0', 'early 30', 'middle 60', 'late 90'])
  })

  it('runs the events of the world, then writes bookmarks, then waits for the caches, then wakes', async () => {
    const order: string[] = []
    const { timeline, log, sleep } = setUp([
      {
        async reached(version) {
          await turns(5)
          log.push(`reached ${version}`)
        },
      },
    ])
    timeline.at(20, 'event', () => log.push('event 20'))
    await sleep('sleeper', 30)
    order.push(...log)
    expect(order).toEqual(['event 20', 'bookmark 30', 'reached 30', 'sleeper 30'])
  })

  it('does not move while a request is under way', async () => {
    const { clock, log, sleep } = setUp()
    const request = clock.during(async () => {
      await turns(20)
      log.push(`answered ${clock.now()}`)
    })
    await Promise.all([sleep('sleeper', 30), request])
    expect(log).toEqual(['answered 0', 'bookmark 30', 'sleeper 30'])
  })

  it('lets who was woken sleep again before it goes on', async () => {
    const { log, sleep } = setUp()
    const ticking = async (): Promise<void> => {
      for (const instant of [10, 20, 30]) await sleep('tick', instant)
    }
    await Promise.all([ticking(), sleep('other', 25)])
    expect(log.filter((line) => !line.startsWith('bookmark'))).toEqual(['tick 10', 'tick 20', 'other 25', 'tick 30'])
  })

  it('wakes at once who is aborted, without moving', async () => {
    const { clock, sleep } = setUp()
    const abort = new AbortController()
    const sleeping = sleep('sleeper', 30, abort.signal)
    abort.abort()
    await sleeping
    await sleep('aborted before', 50, abort.signal)
    expect(clock.now()).toBe(0)
  })

  it('gives way when a cache cannot get any further before its reader has slept', async () => {
    let resume = (): void => {}
    const { log, sleep } = setUp([{ reached: () => new Promise((resolve) => (resume = resolve)) }])
    const reader = sleep('reader', 20).then(() => resume())
    await Promise.all([sleep('engine', 10), reader])
    expect(log.filter((line) => !line.startsWith('bookmark'))).toEqual(['engine 10', 'reader 20'])
  })
})
