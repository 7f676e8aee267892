import { expect, it } from 'vitest'
import type { Diagnosis } from '../../src/model/diagnosis.ts'
import { cureText } from '../../src/report/cure-text.ts'
import { PLAIN } from '../../src/report/style.ts'
import { DEFAULT_POLICY } from '../../src/rollout/cure/choose.ts'

const cause = (code: string, title: string, pods: readonly string[]): Diagnosis => ({
  ...{ code, title, pods, nodes: [], confidence: 1, likelihood: 'certain', evidence: [], against: [], blast: '', source: '' },
  remedy: { disposition: 'automatic', text: '', commands: [], cure: 'recreate-pods' },
})
const stuck = (name: string, owner: string) => ({ namespace: 'shop', name, uid: name, node: 'n1', owner })

it('stuck pods are told by owner and cause', () => {
  const diagnoses = [
    cause('P06', 'the pool is empty', ['shop/web-1', 'shop/web-2', 'shop/db-0']),
    cause('P10', 'ipamd is away', ['shop/web-3']),
  ]
  const report = { capturedAt: '', cluster: 'shop', diagnoses, allocations: [], considered: [], unclassified: [], collect: [], unread: [] }
  const pods = [stuck('web-1', 'web'), stuck('web-2', 'web'), stuck('web-3', 'web'), stuck('db-0', 'db')]
  const text = cureText({ rotations: [], pods, leftovers: { groups: [], nodes: [] }, left: [], first: [] }, report, DEFAULT_POLICY, PLAIN)
  const lines = text.split('\n').map((line) => line.trim())
  expect(lines.slice(lines.indexOf('Pods made anew, 5 at a time') + 1, -1)).toEqual([
    'shop/web: 2 pods (web-1, web-2): P06, the pool is empty',
    'shop/web: 1 pod (web-3): P10, ipamd is away',
    'shop/db: 1 pod (db-0): P06, the pool is empty',
  ])
})
