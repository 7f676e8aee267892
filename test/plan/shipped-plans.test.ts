import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { planJsonSchema } from '../../src/plan/json-schema.ts'
import { loadPlan } from '../../src/plan/load.ts'
import { assignGroups, matchNodeGroups } from '../../src/plan/node-groups.ts'
import { proposePlan } from '../../src/plan/propose.ts'
import { changeAws, healthySnapshot } from '../support/snapshot-builder.ts'
import { changed, HEALTHY, load } from './plan-text.ts'

const FILES = { read: (path: string) => readFileSync(path, 'utf8') }
const inFolder = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join(folder, name))
const ALL = [...inFolder('plans'), ...inFolder('plans/clusters')]
const RUNNABLE = ALL.filter((file) => file !== 'plans/base.yaml')

describe('the shipped plans', () => {
  it('are the ones that the documentation names', () => {
    expect(ALL).toEqual(
      expect.arrayContaining([
        'plans/quickstart.yaml',
        'plans/incident-1.yaml',
        'plans/large.yaml',
        'plans/small.yaml',
        'plans/base.yaml',
        'plans/clusters/pay-prod-eu.yaml',
        'plans/clusters/pay-test-eu.yaml',
      ]),
    )
  })

  it.each(RUNNABLE)('%s loads', (file) => {
    expect(loadPlan(FILES, file).plan.cluster.accountId).toMatch(/^\d{12}$/)
  })

  it.each(ALL)('%s is completed by the schema beside it', (file) => {
    const [first = ''] = readFileSync(file, 'utf8').split('\n')
    expect(first).toBe(`# yaml-language-server: $schema=${file.startsWith('plans/clusters/') ? '..' : '.'}/schema.json`)
  })

  it('large.yaml fits its fourteen groups', () => {
    const groups = [
      'canary-x86',
      'canary-arm64',
      'web-a',
      'web-b',
      'web-c',
      'api-arm-a',
      'api-arm-b',
      'gpu',
      'batch-spot',
      'burst',
      'kafka',
      'postgres',
      'edge',
      'system',
    ]
    const loaded = loadPlan(FILES, 'plans/large.yaml')
    expect(matchNodeGroups(loaded, groups)).toEqual([])
    expect(assignGroups(loaded.plan, groups).waves.at(-1)?.groups).toEqual(['edge', 'system'])
  })
})

describe('plans/schema.json', () => {
  const validate = new Ajv2020({ strict: false }).compile(planJsonSchema())

  it('is fresh', () => {
    expect(JSON.parse(readFileSync('plans/schema.json', 'utf8'))).toEqual(JSON.parse(JSON.stringify(planJsonSchema())))
  })

  it.each(ALL)('accepts %s', (file) => {
    expect(validate(parse(FILES.read(file))), JSON.stringify(validate.errors)).toBe(true)
  })

  it.each([
    { title: 'an unknown key', text: `${HEALTHY}rollbak: {}\n` },
    { title: 'an unknown gate', text: changed('[aws-node, stuck-pods]', '[aws-nod]') },
    { title: 'a wrong type', text: changed('[canary]', '5') },
    { title: 'a missing key', text: changed(', accountId: "111122223333"', '') },
    { title: 'a wrong choice', text: `${HEALTHY}rollback: { waves: never }\n` },
  ])('refuses $title', ({ text }) => {
    expect(validate(parse(text))).toBe(false)
  })

  it('says something about every key of the format', () => {
    const { else: plan } = planJsonSchema() as { else: { properties: Record<string, { description?: string }> } }
    const silent = Object.entries(plan.properties).filter(([, property]) => !property.description)
    expect(Object.keys(plan.properties).length).toBeGreaterThan(14)
    expect(silent).toEqual([])
  })
})

describe('a proposed plan', () => {
  const names = ['canary', 'app-a', 'app-b', 'batch', 'data']
  const canaryOf = (text: string) => load(text).plan.canary?.nodeGroups

  it('loads and fits the cluster it was made from', () => {
    const loaded = load(proposePlan(healthySnapshot()))
    expect(matchNodeGroups(loaded, names)).toEqual([])
    expect(loaded.plan.target).toMatchObject({
      kubernetesVersion: '1.33',
      images: 'latest',
      addons: [{ name: 'vpc-cni', version: 'recommended' }],
    })
    expect(loaded.plan.waves.at(-1)?.nodeGroups).toEqual(['*'])
  })

  it('has a set of gates with network-proof, which loads once its comment signs are taken away', () => {
    const text = proposePlan(healthySnapshot()).replace(/^ {2}# (proof:| {2}- )/gm, '  $1')
    const { plan } = load(text.replace(/^(canary:.*)gates: node/m, '$1gates: proof'))
    expect(plan.canary?.gates.map((gate) => gate.kind)).toContain('network-proof')
  })

  it('proposes the group named as a canary, else the smallest ordinary one', () => {
    expect(canaryOf(proposePlan(healthySnapshot()))).toEqual(['canary'])
    const { nodegroups = [] } = healthySnapshot().aws
    const without = changeAws({ nodegroups: nodegroups.filter((group) => group.nodegroupName !== 'canary') })
    expect(canaryOf(proposePlan(healthySnapshot(without)))).toEqual(['batch'])
  })

  it('names no minor when no group lags behind, and no add-on that EKS does not manage', () => {
    const { nodegroups = [] } = healthySnapshot().aws
    const level = changeAws({ nodegroups: nodegroups.map((group) => ({ ...group, version: '1.33' })), addons: [] })
    expect(load(proposePlan(healthySnapshot(level))).plan.target).toEqual({ kubernetesVersion: undefined, images: 'latest', addons: [] })
  })

  it('cannot be made of a snapshot that does not say which cluster it is', () => {
    expect(() => proposePlan(healthySnapshot(changeAws({ cluster: undefined })))).toThrow(/does not name its cluster/)
  })
})
