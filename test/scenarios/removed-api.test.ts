import { afterAll, describe, expect, it } from 'vitest'
import { captureSnapshot } from '../../src/engine/capture.ts'
import { prepare } from '../../src/engine/prepare.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import { objectsOf } from '../../src/model/snapshot.ts'
import { openSimulation } from '../support/rehearsal.ts'

const FLOW_SCHEMAS = { apiVersion: 'flowcontrol.apiserver.k8s.io/v1', kind: 'FlowSchema', plural: 'flowschemas', namespaced: false }

/** A chart still writes an object in a version that goes with the next minor (plans/scenarios/removed-api-object.yaml). */
describe.each(['in process', 'loopback'] as const)('removed-api-object, %s', async (way) => {
  const simulation = openSimulation({ plan: 'small', scenarios: ['removed-api-object'], ...(way === 'loopback' && { over: way }) })
  const { plan, requests } = simulation
  const ports = await simulation.connect()
  afterAll(() => simulation.close())

  const found = async () => {
    const snapshot = await captureSnapshot(ports, plan.cluster.name)
    return { snapshot, findings: prepare(plan, snapshot).preflight.findings.filter(({ code }) => code === 'REMOVED_API_OBJECTS') }
  }

  it('names the object, who writes it and the version to write, and stops nobody', async () => {
    const { findings } = await found()
    expect(findings).toMatchObject([{ verdict: 'warn', subject: 'API/flowcontrol.apiserver.k8s.io/v1beta3/FlowSchema' }])
    expect(findings[0]?.message).toContain('1 FlowSchema still written as flowcontrol.apiserver.k8s.io/v1beta3, gone with Kubernetes 1.32')
    expect(findings[0]?.message).toContain('tenant-a (by helm, last 2025-03-01)')
    expect(findings[0]?.remedy).toContain('`kubectl get flowschemas tenant-a -o yaml --show-managed-fields`')
  })

  it('takes one list of metadata for each kind that loses a version, and keeps nothing else of it', async () => {
    const before = requests.length
    const { snapshot } = await found()
    const asked = requests.slice(before).filter(({ resource }) => /^(flowschemas|prioritylevelconfigurations)/.test(resource ?? ''))
    expect(asked.map(({ operation, resource }) => `${operation} ${resource}`).sort()).toEqual([
      'list flowschemas',
      'list prioritylevelconfigurations',
    ])
    const [kept, ...others] = objectsOf(snapshot, 'FlowSchema')
    expect(others).toEqual([])
    expect(Object.keys(kept ?? {}).sort()).toEqual(['apiVersion', 'kind', 'metadata'])
    expect(kept?.metadata.managedFields?.[0]).not.toHaveProperty('fieldsV1')
  })

  it('is over once the chart has written the object anew', async () => {
    const [tenant] = (await ports.kubernetes.list<KubernetesObject>(FLOW_SCHEMAS)).filter(({ metadata }) => metadata.name === 'tenant-a')
    const managedFields = [
      { ...tenant?.metadata.managedFields?.[0], apiVersion: 'flowcontrol.apiserver.k8s.io/v1', time: '2026-09-22T18:00:00Z' },
    ]
    await ports.kubernetes.replace(FLOW_SCHEMAS, { ...tenant, metadata: { ...tenant?.metadata, managedFields } } as KubernetesObject)
    expect((await found()).findings).toMatchObject([{ verdict: 'pass' }])
  })
})
