/** Bytes as GiB with at most two decimals; null stays null. */
export function gib(bytes: number | null): number | null {
  return bytes === null ? null : round(bytes / 1024 ** 3, 2);
}

/** A share in percent with one decimal; null if either side is unknown or the whole is zero. */
export function percent(part: number | null, whole: number | null): number | null {
  return part === null || whole === null || whole <= 0 ? null : round((part / whole) * 100, 1);
}

/** A fraction (0 to 1) in percent with one decimal. */
export function fractionPercent(fraction: number | null): number | null {
  return fraction === null ? null : round(fraction * 100, 1);
}

/** Rounded to this many decimal places. */
export function round(value: number, digits: number): number {
  const factor = 10 ** digits;
  return Math.round(value * factor) / factor;
}
