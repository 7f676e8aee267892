import type { ListingRow } from './autumn-2026.ts'

/**
 * What DescribeAddonVersions may have answered at the beginning of November 2024. Our assumption, cut from the listing of autumn 2026:
 * the versions that were out by then (https://github.com/aws/amazon-vpc-cni-k8s/releases), the minors up to 1.31, and the default of
 * vpc-cni at v1.18.3-eksbuild.3. The true listing of that day is not public.
 */
export const NOVEMBER_2024: Readonly<Record<string, readonly ListingRow[]>> = {
  'vpc-cni': [
    ['v1.18.5-eksbuild.1', '1.28-1.31'],
    ['v1.18.4-eksbuild.1', '1.28-1.31'],
    ['v1.18.3-eksbuild.3', '1.28-1.31', '1.28-1.31'],
    ['v1.18.3-eksbuild.2', '1.28-1.31'],
    ['v1.18.3-eksbuild.1', '1.28-1.31'],
    ['v1.18.2-eksbuild.1', '1.28-1.31'],
    ['v1.18.1-eksbuild.3', '1.28-1.31'],
    ['v1.18.1-eksbuild.1', '1.28-1.31'],
    ['v1.18.0-eksbuild.1', '1.28-1.31'],
    ['v1.17.1-eksbuild.1', '1.28-1.31'],
    ['v1.16.4-eksbuild.2', '1.28-1.31'],
    ['v1.16.3-eksbuild.2', '1.28-1.31'],
    ['v1.16.2-eksbuild.1', '1.28-1.31'],
    ['v1.16.0-eksbuild.1', '1.28-1.31'],
    ['v1.15.5-eksbuild.1', '1.28-1.29'],
    ['v1.15.4-eksbuild.1', '1.28-1.29'],
    ['v1.15.3-eksbuild.1', '1.28'],
    ['v1.15.1-eksbuild.1', '1.28'],
    ['v1.15.0-eksbuild.2', '1.28'],
    ['v1.14.1-eksbuild.1', '1.28-1.29'],
    ['v1.14.0-eksbuild.3', '1.28'],
    ['v1.13.4-eksbuild.1', '1.28-1.29'],
    ['v1.13.3-eksbuild.1', '1.28'],
  ],
  'kube-proxy': [
    ['v1.31.0-eksbuild.5', '1.31', '1.31'],
    ['v1.31.0-eksbuild.2', '1.31'],
    ['v1.30.3-eksbuild.9', '1.30-1.31'],
    ['v1.30.3-eksbuild.5', '1.30-1.31'],
    ['v1.30.3-eksbuild.2', '1.30-1.31'],
    ['v1.30.0-eksbuild.3', '1.30-1.31', '1.30'],
    ['v1.29.7-eksbuild.9', '1.29-1.31'],
    ['v1.29.7-eksbuild.2', '1.29-1.31'],
    ['v1.29.0-eksbuild.1', '1.29-1.31', '1.29'],
    ['v1.28.12-eksbuild.9', '1.28-1.31'],
    ['v1.28.8-eksbuild.5', '1.28-1.31', '1.28'],
  ],
  coredns: [
    ['v1.11.3-eksbuild.2', '1.29-1.31'],
    ['v1.11.3-eksbuild.1', '1.29-1.31', '1.31'],
    ['v1.11.1-eksbuild.11', '1.29-1.31'],
    ['v1.11.1-eksbuild.8', '1.29-1.31', '1.30'],
    ['v1.11.1-eksbuild.4', '1.29-1.31', '1.29'],
    ['v1.10.1-eksbuild.13', '1.28-1.31'],
    ['v1.10.1-eksbuild.4', '1.28-1.31', '1.28'],
  ],
}
