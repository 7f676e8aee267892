import { type AddonVersion, compareAddonVersions, parseAddonVersion } from '../../model/addon-version.ts'
import { formatMinor, parseMinor } from '../../model/kubernetes-minor.ts'

/**
 * The oldest version of each companion add-on that EKS lists for a minor of Kubernetes, as of autumn 2026 in us-east-1: facts of
 * https://github.com/floci-io/floci/blob/3a120ed9235e1d99178404c6bae06fa6d6329758/src/main/resources/eks/addon-versions.json
 */
const OLDEST: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  coredns: {
    '1.28': 'v1.9.3-eksbuild.2',
    '1.29': 'v1.10.1-eksbuild.1',
    '1.30': 'v1.10.1-eksbuild.1',
    '1.31': 'v1.10.1-eksbuild.1',
    '1.32': 'v1.11.1-eksbuild.3',
    '1.33': 'v1.11.1-eksbuild.3',
    '1.34': 'v1.11.1-eksbuild.3',
    '1.35': 'v1.12.1-eksbuild.2',
    '1.36': 'v1.13.1-eksbuild.1',
  },
  'kube-proxy': {
    '1.28': 'v1.25.6-eksbuild.1',
    '1.29': 'v1.26.2-eksbuild.1',
    '1.30': 'v1.27.1-eksbuild.1',
    '1.31': 'v1.28.1-eksbuild.1',
    '1.32': 'v1.29.0-eksbuild.1',
    '1.33': 'v1.30.0-eksbuild.2',
    '1.34': 'v1.31.0-eksbuild.2',
    '1.35': 'v1.32.0-eksbuild.2',
    '1.36': 'v1.33.0-eksbuild.2',
  },
  'aws-ebs-csi-driver': {
    '1.28': 'v1.17.0-eksbuild.1',
    '1.29': 'v1.20.0-eksbuild.1',
    '1.30': 'v1.26.1-eksbuild.1',
    '1.31': 'v1.29.1-eksbuild.1',
    '1.32': 'v1.29.1-eksbuild.1',
    '1.33': 'v1.29.1-eksbuild.1',
    '1.34': 'v1.29.1-eksbuild.1',
    '1.35': 'v1.38.1-eksbuild.2',
    '1.36': 'v1.42.0-eksbuild.1',
  },
}

export const COMPANIONS: readonly string[] = Object.keys(OLDEST)

/** The oldest listed version for a minor; undefined where the table knows none, or the version is not older than that. */
export function olderThanListed(name: string, version: AddonVersion, minor: string): string | undefined {
  const parsed = parseMinor(minor)
  const oldest = parsed && OLDEST[name]?.[formatMinor(parsed)]
  const limit = parseAddonVersion(oldest)
  return limit !== undefined && compareAddonVersions(version, limit) < 0 ? oldest : undefined
}
