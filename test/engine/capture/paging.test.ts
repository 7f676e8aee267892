import { describe, expect, it } from 'vitest'
import { captureSnapshot } from '../../../src/engine/capture.ts'
import { planOf, worldOf } from '../../bench/sandbox-world.ts'
import { openSimulation } from '../../support/rehearsal.ts'

const PAGE = 30

/** What was asked while a snapshot of so many nodes, twenty pods on each, was taken in pages of thirty. */
async function askedOf(nodes: number) {
  const simulation = openSimulation({
    plan: { plan: planOf(), world: worldOf(nodes) },
    between: (transport) => ({
      ...transport,
      dispatcher: transport.dispatcher.compose((dispatch) => (options, handler) => {
        const path = String(options.path).replace(/([?&]limit=)\d+/, `$1${PAGE}`)
        return dispatch({ ...options, path }, handler)
      }),
    }),
  })
  try {
    const ports = await simulation.connect()
    simulation.requests.length = 0
    const { kubernetes } = await captureSnapshot(ports, 'bench')
    const kinds = Map.groupBy(kubernetes.items ?? [], ({ kind }) => kind)
    const requests = simulation.requests.map(({ service, operation, resource }) => `${service} ${operation} ${resource}`)
    return { requests, pods: kinds.get('Pod')?.length ?? 0, nodes: kinds.get('Node')?.length ?? 0 }
  } finally {
    simulation.close()
  }
}

const pagesOf = (requests: readonly string[], list: string) => requests.filter((request) => request.endsWith(list)).length

describe('a snapshot of a large cluster', async () => {
  const [small, large] = [await askedOf(5), await askedOf(15)]

  it('reads its lists page by page, and all of them', () => {
    expect([small.nodes, large.nodes]).toEqual([5, 15])
    expect(large.pods).toBeGreaterThanOrEqual(300)
    expect(pagesOf(large.requests, 'pods')).toBe(Math.ceil(large.pods / PAGE))
    expect(pagesOf(small.requests, 'pods')).toBe(Math.ceil(small.pods / PAGE))
  })

  it('asks nothing per node and nothing per pod: three times the nodes are more pages of the same lists', () => {
    const kindsOfRequest = ({ requests }: { readonly requests: readonly string[] }) => [...new Set(requests)].sort()
    expect(kindsOfRequest(large)).toEqual(kindsOfRequest(small))
    const morePages = pagesOf(large.requests, 'pods') - pagesOf(small.requests, 'pods')
    const others = large.requests.length - small.requests.length - morePages
    expect(others).toBeLessThanOrEqual(2)
  })
})
