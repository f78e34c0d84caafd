import { render } from 'preact';
import 'uplot/dist/uPlot.min.css';
import './style.css';
import { Page } from './page.tsx';
import { applyTheme, storedTheme } from './theme.ts';

applyTheme(storedTheme());
const root = document.getElementById('page');
if (root !== null) render(<Page />, root);
