import { describe, expect, it } from 'vitest'
import { SIGNATURES } from '../../src/catalog/signatures/registry.ts'
import { diagnose } from '../../src/diagnosis/diagnose.ts'
import type { ClusterSnapshot } from '../../src/model/snapshot.ts'
import { caseOf, RECIPES, SEEDS } from '../support/diagnosis/corpus.ts'
import { type } from '../support/fake-io.ts'
import { healthySnapshot } from '../support/snapshot-builder.ts'

const typed = async (snapshot: ClusterSnapshot, ...line: readonly string[]) =>
  await type(['diagnose', '--snapshot', '/s.json', ...line], { files: { '/s.json': JSON.stringify(snapshot) } })

/** The first world of the corpus in which this alone was planted. */
async function worldWith(code: string): Promise<ClusterSnapshot> {
  const place = RECIPES.findIndex(({ truth }) => truth[0] === code)
  return (await caseOf(SEEDS.seen + 10 * Math.floor(place / 6) + (place % 6))).snapshot
}

describe('serin diagnose', () => {
  it('finds nothing in a healthy cluster, and says so', async () => {
    const { exit, stdout } = await typed(healthySnapshot())
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: expect.stringContaining('nothing is found wrong with its network') })
  })

  it('tells a cause with what speaks for it and what to type, to people and to machines', async () => {
    const snapshot = await worldWith('F05')
    const text = await typed(snapshot)
    expect(text.exit).toBe(10)
    expect(text.stdout).toMatch(/1\. F05 kube-proxy on the node/)
    expect(text.stdout).toMatch(/For it +Node\/ip-/)
    expect(text.stdout).toMatch(/Explains +F01/)
    const { diagnoses } = JSON.parse((await typed(snapshot, '-o', 'json')).stdout)
    const members = { title: expect.any(String), confidence: expect.any(Number), pods: [], evidence: expect.any(Array), against: [] }
    expect(diagnoses[0]).toMatchObject({ code: 'F05', ...members, remedy: { disposition: 'automatic', cure: 'rotate-nodes' } })
    expect((await typed(snapshot, '-o', 'markdown')).stdout).toContain('### `F05`')
  })

  it('does not take it for the same when the cluster could not be read', async () => {
    const { kubernetes: _, ...rest } = healthySnapshot()
    const blind = { ...rest, kubernetes: {}, unavailable: [{ source: 'kubernetes:pods', reason: 'Forbidden' }] }
    expect((await typed(blind)).exit).toBe(11)
  })

  it('does not depend on the order in which things stand in a snapshot', async () => {
    const snapshot = await worldWith('F04')
    const turned = { ...snapshot, kubernetes: { ...snapshot.kubernetes, items: [...(snapshot.kubernetes.items ?? [])].reverse() } }
    const codes = (of: ClusterSnapshot) => diagnose(of).diagnoses.map(({ code, nodes, pods }) => ({ code, nodes, pods }))
    expect(codes(turned)).toEqual(codes(snapshot))
  })

  it('explains only codes that there are', () => {
    const codes = new Set(SIGNATURES.map(({ code }) => code))
    expect(SIGNATURES.flatMap(({ explains = [] }) => explains).filter((code) => !codes.has(code))).toEqual([])
  })
})
