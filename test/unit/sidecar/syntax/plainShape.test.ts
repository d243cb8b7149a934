import { describe, expect, it } from 'vitest';
import { plainShape } from '../../../../sidecar/syntax/plainShape.ts';
import { shapeText } from '../../../support/completion/shapeText.ts';

function read(text: string, languageId: string) {
  return shapeText(text, plainShape(text, languageId));
}

describe('code without a grammar', () => {
  it('has its brackets as marks, but for those in strings of one line', () => {
    expect(read(String.raw`{ "a}\"(": [f(1)] }`, 'json')).toEqual({
      marks: '+{ +[ +( -) -] -}',
      quotations: [String.raw`string "a}\"("`],
    });
  });

  it('takes neither an apostrophe nor a quote that its line does not end for a string', () => {
    expect(read('don\'t (\nsay "[\n)', 'plaintext')).toEqual({ marks: '+( +[ -)', quotations: [] });
  });

  it('pairs halves by the closing one, and counts no errors', () => {
    const { marks, errorCount } = plainShape('{]', 'json');
    expect(marks).toEqual([
      { at: 0, length: 1, pair: '}', opens: true },
      { at: 1, length: 1, pair: ']', opens: false },
    ]);
    expect(errorCount).toBeNull();
  });
});

describe('markup', () => {
  it('has its tags as marks, and values of attributes as strings', () => {
    expect(read('<div class="a>("><P>x</p></div>', 'html')).toEqual({
      marks: '+<div class="a>("> +<P> -</p> -</div>',
      quotations: ['string "a>("'],
    });
    expect(plainShape('<P>', 'html').marks).toEqual([{ at: 0, length: 3, pair: '</p>', opens: true }]);
  });

  it('leaves out tags without an end: void ones of HTML, and those that end themselves', () => {
    expect(read('<!DOCTYPE html><a><br><IMG src=b><c/></a>', 'html').marks).toBe('+<a> -</a>');
    expect(read('<a><br></br><c/></a>', 'xml').marks).toBe('+<a> +<br> -</br> -</a>');
  });

  it('reads no tags in comments', () => {
    expect(read('<a><!-- <b> ( --></a>', 'html')).toEqual({
      marks: '+<a> -</a>',
      quotations: ['comment <!-- <b> ( -->'],
    });
  });

  it('reads brackets and strings in scripts and styles, and no tags', () => {
    expect(read('<p>(</p><script>f("<b>", [1 < 2]);</script>', 'html')).toEqual({
      marks: '+<p> -</p> +<script> +( +[ -] -) -</script>',
      quotations: ['string "<b>"'],
    });
    const style = '<style>\na { b: "}" }</style>';
    expect(read(style, 'vue').marks).toBe('+<style> +{ -} -</style>');
    const [, bracket] = plainShape(style, 'vue').marks;
    expect(bracket?.at).toBe(style.indexOf('{'));
  });
});
