import type { Instant } from '../../../model/instant.ts'
import { iso } from '../../../model/instant.ts'

/**
 * AMI releases, our assumption: one in the middle of every month, named as the real ones are (`1.33.4-20260915` for AL2023,
 * github.com/awslabs/amazon-eks-ami/releases; `1.52.0` and the like for Bottlerocket; `1.33-2026.09.15` for Windows). Neither the days nor the patch levels are those
 * of the real releases. What is true of them: a release belongs to one minor, and the newest one is what SSM recommends.
 */

export interface Release {
  readonly release: string
  readonly kubernetesVersion: string
  /** `1.33.4` */
  readonly patch: string
  /** `20260915` */
  readonly day: string
}

/** First month in which the minor existed on EKS, and months after it in which its patch level rose. */
const MINORS: Readonly<Record<string, { readonly first: string; readonly patch: number; readonly rises: number }>> = {
  '1.28': { first: '202309', patch: 1, rises: 2 },
  '1.29': { first: '202401', patch: 0, rises: 2 },
  '1.30': { first: '202405', patch: 0, rises: 2 },
  '1.31': { first: '202409', patch: 0, rises: 2 },
  '1.32': { first: '202501', patch: 0, rises: 2 },
  '1.33': { first: '202505', patch: 1, rises: 2 },
  '1.34': { first: '202510', patch: 1, rises: 2 },
  '1.35': { first: '202601', patch: 0, rises: 2 },
  '1.36': { first: '202605', patch: 0, rises: 2 },
}

/** The last day with AL2 images, and the minors that have any (https://docs.aws.amazon.com/eks/latest/userguide/eks-ami-deprecation-faqs.html). */
const AMAZON_LINUX_2_ENDS = '20251126'
const AMAZON_LINUX_2_MINORS = ['1.28', '1.29', '1.30', '1.31', '1.32']

export function isAmazonLinux2(amiType: string): boolean {
  return amiType.startsWith('AL2_')
}

export function isWindows(amiType: string): boolean {
  return amiType.startsWith('WINDOWS_')
}

export function knownMinors(): readonly string[] {
  return Object.keys(MINORS)
}

/** Releases of a minor that were out at an instant, newest first. Empty for a minor that did not exist then. */
export function releasesOf(amiType: string, kubernetesVersion: string, at: Instant): readonly Release[] {
  const minor = MINORS[kubernetesVersion]
  if (minor === undefined || (isAmazonLinux2(amiType) && !AMAZON_LINUX_2_MINORS.includes(kubernetesVersion))) return []
  const today = iso(at).slice(0, 10).replaceAll('-', '')
  const days = monthsFrom(minor.first, today).map((month) => `${month}15`)
  const last = isAmazonLinux2(amiType) ? AMAZON_LINUX_2_ENDS : today
  const out = days.filter((day) => day <= today && day <= last)
  return out.map((day, index) => released(amiType, kubernetesVersion, day, minor.patch + Math.floor(index / minor.rises), index)).reverse()
}

function released(amiType: string, kubernetesVersion: string, day: string, patchLevel: number, index: number): Release {
  const patch = `${kubernetesVersion}.${patchLevel}`
  const release = amiType.startsWith('BOTTLEROCKET')
    ? `1.${20 + index}.0`
    : isWindows(amiType)
      ? `${kubernetesVersion}-${day.slice(0, 4)}.${day.slice(4, 6)}.${day.slice(6)}`
      : `${patch}-${day}`
  return { release, kubernetesVersion, patch, day }
}

function monthsFrom(first: string, today: string): readonly string[] {
  const months: string[] = []
  for (let month = first; month <= today.slice(0, 6); month = monthAfter(month)) months.push(month)
  return months
}

function monthAfter(month: string): string {
  const year = Number(month.slice(0, 4))
  const number = Number(month.slice(4))
  return number === 12 ? `${year + 1}01` : `${year}${String(number + 1).padStart(2, '0')}`
}
