import { describe, expect, it } from 'vitest'
import { parseSnapshot } from '../../src/report/documents.ts'
import { snapshotPieces } from '../../src/report/json.ts'
import { healthySnapshot, removeObjects } from '../support/snapshot-builder.ts'

const textOf = (snapshot: ReturnType<typeof healthySnapshot>) => [...snapshotPieces(snapshot)].join('')

describe('a snapshot as text', () => {
  it.each([
    ['a cluster', healthySnapshot()],
    [
      'without a server that answered',
      (({ kubernetes, ...rest }) => ({ ...rest, kubernetes: { items: kubernetes.items } }))(healthySnapshot()),
    ],
    ['with one object', healthySnapshot(removeObjects('Pod'), removeObjects('Node'))],
    ['without objects', { ...healthySnapshot(), kubernetes: { items: [] } }],
  ])('%s reads back as it was', (_, snapshot) => {
    expect(parseSnapshot(textOf(snapshot), 'snapshot.json')).toEqual(snapshot)
  })

  it('has each object on a line of its own', () => {
    const snapshot = healthySnapshot()
    const lines = textOf(snapshot).split('\n')
    expect(lines.filter((line) => line.includes('"kind":"Pod"'))).toHaveLength(
      (snapshot.kubernetes.items ?? []).filter(({ kind }) => kind === 'Pod').length,
    )
  })
})
