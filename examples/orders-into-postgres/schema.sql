create table orders (
    id text primary key,
    customer text not null,
    placed timestamptz not null
);

create table lines (
    order_id text not null references orders,
    sku text not null,
    quantity int not null check (quantity > 0),
    price numeric(12, 2) not null,
    primary key (order_id, sku)
);
