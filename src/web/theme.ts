export type Theme = 'auto' | 'light' | 'dark';

const KEY = 'vexfs-trace-theme';
const NEXT: Readonly<Record<Theme, Theme>> = { auto: 'light', light: 'dark', dark: 'auto' };

/** What the reader chose here before; `auto` follows the machine. */
export function storedTheme(): Theme {
  try {
    const value = localStorage.getItem(KEY);
    return value === 'light' || value === 'dark' ? value : 'auto';
  } catch {
    return 'auto';
  }
}

export function applyTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
  document.dispatchEvent(new Event('themechange'));
}

export function nextTheme(theme: Theme): Theme {
  const next = NEXT[theme];
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // It holds until the page is left.
  }
  applyTheme(next);
  return next;
}
