"""Names that Streamlit, plotly, a browser or a reader would take for something else."""

EVIL = "evil.example"  # a stranger's page: nothing may lead there or ask for it
LINES = r"""
Cherry_(including_sour)___Powdery_mildew
Corn_(maize)___Common_rust_
_a_
__b__
*starred*
**b**
* * *
word*
a~~b~~c
~x~
`code`
``a`b
==m==
++i++
US $5 note $10
$x$
$$x^2$$
$`x`$
\(x\)
\[x\]
^up^
H~2~O
:red[alert]
:red-badge[x]
:color[x]{foreground=red}
:help[x]
:small[x]
::x[y]
:smile:
:+1:
a:material/home:b
:material_home:
:streamlit:
12:30:15
C:\new
[link](https://evil.example/login)
![x](https://evil.example/p.png)
[x]: https://evil.example
[^1]
https://evil.example/a
HTTPS://EVIL.EXAMPLE
www.evil.example
me@evil.example
mailto:m@evil.example
<https://evil.example>
<img src=https://evil.example/x onerror=alert(1)>
<a href='//evil.example'>b</a>
<b>bold</b>
<!-- c -->
<script>alert(1)</script>
&lt;b&gt; &copy; &#65; %20&nbsp;
# 1
C #
## x ##
- item
+ item
1. one
12345) one
> quote
---
===
a -> b
a <- b
a <-> b
a -- b
a >= b
a <= b
a ~= b
->
--
>=
<->
| a | b |
\*a\*
back\
{a}
a: b
end:
:
::
%{x}
it's "q"
"""
HOSTILE = (
    *LINES.strip().splitlines(),
    *("photo\u202egpj.exe", "\u05e9\u05dc\u05dd", "two\nlines", " padded ", "x" * 200, "a_" * 60),
)
