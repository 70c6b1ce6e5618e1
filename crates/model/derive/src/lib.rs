//! `#[derive(Record)]`: from one struct with doc comments, a static `RecordSchema` and the call
//! that fills a row.
//!
//! On the struct: `#[record(id = <const expr: Id>, name = "dns", zeek = "dns", eve = "dns",
//! version = 1)]`; with `event` among them the struct is also an `Event`.
//! On a field: `#[record(name = "…", zeek = "…", eve = "…", ecs = "…", ocsf = "…", unit = Bytes)]`,
//! `flatten` to unfold a record in place, `nested` for a record or list of records of its own.
//! Without `zeek`, a struct told to Zeek sinks uses the field's name; `zeek = ""` leaves it out.
//! EVE has a field only where `eve` names it.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Data, DeriveInput, Expr, ExprLit, Fields, Lit, LitStr, Meta};

/// See the crate's page.
#[proc_macro_derive(Record, attributes(record))]
pub fn derive_record(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input = syn::parse_macro_input!(input as DeriveInput);
    expand(&input).unwrap_or_else(|e| e.to_compile_error()).into()
}

#[derive(Default)]
struct Options {
    id: Option<Expr>,
    name: Option<LitStr>,
    zeek: Option<LitStr>,
    eve: Option<LitStr>,
    ecs: Option<LitStr>,
    ocsf: Option<LitStr>,
    version: Option<syn::LitInt>,
    unit: Option<syn::Ident>,
    schema: Option<syn::Path>,
    flatten: bool,
    nested: bool,
    event: bool,
}

fn options(attrs: &[Attribute]) -> syn::Result<Options> {
    let mut o = Options::default();
    for attr in attrs.iter().filter(|a| a.path().is_ident("record")) {
        attr.parse_nested_meta(|m| {
            let key = m.path.get_ident().map(ToString::to_string).unwrap_or_default();
            match key.as_str() {
                "id" => o.id = Some(m.value()?.parse()?),
                "name" => o.name = Some(m.value()?.parse()?),
                "zeek" => o.zeek = Some(m.value()?.parse()?),
                "eve" => o.eve = Some(m.value()?.parse()?),
                "ecs" => o.ecs = Some(m.value()?.parse()?),
                "ocsf" => o.ocsf = Some(m.value()?.parse()?),
                "version" => o.version = Some(m.value()?.parse()?),
                "unit" => o.unit = Some(m.value()?.parse()?),
                "schema" => o.schema = Some(m.value()?.parse()?),
                "flatten" => o.flatten = true,
                "nested" => o.nested = true,
                "event" => o.event = true,
                other => return Err(m.error(format!("`record` knows no option `{other}`"))),
            }
            Ok(())
        })?;
    }
    Ok(o)
}

fn doc(attrs: &[Attribute]) -> String {
    let mut text = String::new();
    for attr in attrs.iter().filter(|a| a.path().is_ident("doc")) {
        if let Meta::NameValue(nv) = &attr.meta
            && let Expr::Lit(ExprLit { lit: Lit::Str(s), .. }) = &nv.value
        {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(s.value().trim());
        }
    }
    text
}

fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let o = options(&input.attrs)?;
    let about = doc(&input.attrs);
    if about.is_empty() {
        return Err(syn::Error::new_spanned(
            &input.ident,
            "a record says in a doc comment what a row is",
        ));
    }
    let Some(id) = &o.id else {
        return Err(syn::Error::new_spanned(&input.ident, "a record has an id: #[record(id = …)]"));
    };
    let Data::Struct(data) = &input.data else {
        return Err(syn::Error::new_spanned(&input.ident, "a record is a struct"));
    };
    let Fields::Named(named) = &data.fields else {
        return Err(syn::Error::new_spanned(&input.ident, "a record has named fields"));
    };
    let ident = &input.ident;
    let name = o.name.as_ref().map_or_else(|| ident.to_string(), LitStr::value);
    let zeek = o.zeek.as_ref().map_or_else(String::new, LitStr::value);
    let eve = o.eve.as_ref().map_or_else(String::new, LitStr::value);
    let version = o.version.as_ref().map_or_else(|| quote!(1), |v| quote!(#v));

    let mut defs = Vec::new();
    let mut pushes = Vec::new();
    for f in &named.named {
        let fo = options(&f.attrs)?;
        let field = f.ident.as_ref().expect("named");
        let ty = &f.ty;
        let about = doc(&f.attrs);
        if about.is_empty() && !fo.flatten {
            return Err(syn::Error::new_spanned(
                field,
                "a record's field says in a doc comment what it means",
            ));
        }
        let fname = fo.name.as_ref().map_or_else(|| field.to_string(), LitStr::value);
        let fzeek = fo.zeek.as_ref().map_or_else(|| fname.clone(), LitStr::value);
        let text = |l: &Option<LitStr>| l.as_ref().map_or_else(String::new, LitStr::value);
        let (feve, fecs, focsf) = (text(&fo.eve), text(&fo.ecs), text(&fo.ocsf));
        let unit = fo.unit.as_ref().map_or_else(|| quote!(None), |u| quote!(#u));
        let flatten = fo.flatten;
        let (fty, push) = if flatten {
            (
                quote!(::watchpost_model::Type::Record(&<#ty>::SCHEMA)),
                quote!(::watchpost_model::Record::fields(&self.#field, row);),
            )
        } else if fo.nested {
            let schema = fo.schema.as_ref().ok_or_else(|| {
                syn::Error::new_spanned(field, "a nested field names its record: schema = Type")
            })?;
            (
                quote!(::watchpost_model::Type::Vector(&::watchpost_model::Type::Record(&#schema::SCHEMA))),
                quote!(row.push(::watchpost_model::IntoField::field(&self.#field));),
            )
        } else {
            (
                quote!(<#ty as ::watchpost_model::IntoField>::TYPE),
                quote!(row.push(::watchpost_model::IntoField::field(&self.#field));),
            )
        };
        defs.push(quote! {
            ::watchpost_model::FieldDef {
                name: #fname, ty: #fty, unit: ::watchpost_model::Unit::#unit, doc: #about,
                zeek: #fzeek, eve: #feve, ecs: #fecs, ocsf: #focsf, flatten: #flatten,
            }
        });
        pushes.push(push);
    }
    let (ig, tg, wh) = input.generics.split_for_impl();
    // The schema is the same for every lifetime: it stands on the type with its lifetimes erased.
    let event = o.event.then(|| {
        quote! {
            impl #ig ::watchpost_model::Event for #ident #tg #wh {
                const ID: ::watchpost_model::Id = #id;
            }
        }
    });
    Ok(quote! {
        impl #ig #ident #tg #wh {
            /// The record's description.
            pub const SCHEMA: ::watchpost_model::RecordSchema = ::watchpost_model::RecordSchema {
                id: #id, name: #name, doc: #about, zeek: #zeek, eve: #eve, version: #version,
                fields: &[#(#defs),*],
            };
        }
        impl #ig ::watchpost_model::Record for #ident #tg #wh {
            fn schema(&self) -> &'static ::watchpost_model::RecordSchema {
                const { &Self::SCHEMA }
            }
            #[inline]
            fn fields<'row>(&'row self, row: &mut ::watchpost_model::Row<'row>) {
                #(#pushes)*
            }
        }
        impl #ig ::watchpost_model::IntoField for #ident #tg #wh {
            const TYPE: ::watchpost_model::Type = ::watchpost_model::Type::Record(&Self::SCHEMA);
            fn field(&self) -> ::watchpost_model::Field<'_> {
                ::watchpost_model::Field::Record(self)
            }
        }
        #event
    })
}
