import type { Instant } from './instant.ts'

/** What `serin monitor` knows of a cluster at one moment. */
export interface MonitorReading {
  readonly at: Instant
  readonly cluster: string
  /** By node group; nodes of none stand under `-`. */
  readonly groups: readonly GroupReading[]
  readonly subnets: readonly SubnetReading[]
  /** Throttling answers to Serin's own calls since it began. */
  readonly throttled: number
  /** Events of the last ten minutes in which AWS or the resource controller speaks of throttling. */
  readonly throttlingEvents: number
  /** Causes that the signatures find now. */
  readonly diagnoses: readonly { readonly code: string; readonly title: string; readonly nodes: number; readonly pods: number }[]
  /** Sources that could not be read. */
  readonly unavailable: readonly string[]
}

export interface GroupReading {
  readonly name: string
  readonly nodes: number
  readonly ready: number
  /** Nodes on which aws-node should run, and those on which every container of it is ready. */
  readonly awsNodeExpected: number
  readonly awsNodeReady: number
  /** Pods without an address or a start for two minutes, by cause. */
  readonly stuck: Readonly<Record<string, number>>
}

export interface SubnetReading {
  readonly id: string
  readonly zone?: string
  readonly free: number
  /** Addresses that come free in an hour, negative when it fills; absent until there is a trend. */
  readonly perHour?: number
  /** Milliseconds until it is empty at this pace; absent when it does not fill. */
  readonly emptyIn?: number
}
